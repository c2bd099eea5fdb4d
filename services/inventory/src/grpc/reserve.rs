//! Reserve: holds units for every line, or none.

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{
    app::App,
    domain::{
        allocation::{self, Candidate, Wanted},
        reservation::Reservation,
        stock::{Availability, Shift},
    },
    events::published,
    store::{reservations, stock},
    workflows::transition::Applied,
};

/// A checked request.
struct Hold {
    owner: String,
    wanted: Wanted,
    expires: Timestamp,
    cause: Cause,
}

/// The reservation of the owner, now or from an earlier call.
pub async fn answer(app: &App, request: Request<pb::ReserveRequest>) -> Result<pb::Reservation> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let given = request.into_inner();
    let expires = cause.at + translate::ttl(given.ttl)?;
    let hold = Hold { wanted: translate::wanted(&given.lines), owner: given.owner, expires, cause };
    let applied = app.db.write(hold, |tx, hold| Box::pin(reserve(tx, hold))).await?;
    app.feed.publish(applied.changed);
    Ok(translate::reservation(&applied.reservation))
}

async fn reserve(tx: &mut Tx, hold: &Hold) -> Result<Applied> {
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
