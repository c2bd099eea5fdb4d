//! Holds units for every line, or none.

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result, events::Cause};

use super::{published, reservations::Applied};
use crate::{
    domain::{
        allocation::{self, Candidate, Wanted},
        reservation::Reservation,
        stock::{Availability, Shift},
    },
    store::{reservations, stock},
};

/// What is to be held.
pub struct Hold {
    /// `checkouts/...`.
    pub owner: String,
    /// Units by variant.
    pub wanted: Wanted,
    /// Until when.
    pub expires: Timestamp,
    /// What it is done for.
    pub cause: Cause,
}

/// The reservation of the owner, now or from an earlier call.
///
/// # Errors
/// FAILED_PRECONDITION names what is short, or says how an earlier one ended.
pub async fn reserve(tx: &mut Tx, hold: &Hold) -> Result<Applied> {
    let Hold { owner, wanted, expires, cause } = hold;
    if let Some(known) = reservations::of_owner(&mut *tx, owner).await? {
        known.check_repeat(wanted, cause.at)?;
        return Ok(Applied::nothing(known));
    }
    let variants: Vec<&str> = wanted.keys().map(String::as_str).collect();
    let candidates = stock::candidates(&mut *tx, &variants).await?;
    let units = allocation::plan(wanted, &candidates)?;
    for units in &units {
        stock::shift(tx, &units.variant, &units.location, Shift::hold(units.quantity)).await?;
    }
    let reservation = Reservation::hold(owner, units, *expires);
    reservations::insert(tx, &reservation, cause.at).await?;
    let changed = stock::availability(&mut *tx, &variants).await?;
    published::ran_out(tx, cause, &before(&variants, &candidates), &changed).await?;
    Ok(Applied { reservation, changed })
}

fn before(variants: &[&str], candidates: &[Candidate]) -> Vec<Availability> {
    let of = |variant: &&str| {
        let own =
            candidates.iter().map(|candidate| &candidate.level).filter(|level| level.variant == *variant);
        Availability::of(variant, own)
    };
    variants.iter().map(of).collect()
}
