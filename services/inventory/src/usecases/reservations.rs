//! What happens to a reservation: its units, its state, movements and events at once.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::{self, Cause},
};

use super::published;
use crate::{
    domain::{
        movement::{Movement, Reason},
        reservation::{Reservation, ReservationState, Transition},
        stock::{Availability, Shift},
    },
    ids::MovementId,
    store::{movements, reservations, stock},
    translate,
};

/// A reservation after a verb, and what can be bought of the variants for which that has changed.
pub struct Applied {
    /// As it is now.
    pub reservation: Reservation,
    /// Empty when nothing became available.
    pub changed: Vec<Availability>,
}

impl Applied {
    /// The verb was done before.
    pub fn nothing(reservation: Reservation) -> Self {
        Self { reservation, changed: Vec::new() }
    }
}

/// Makes the hold of `owner` permanent.
///
/// # Errors
/// NOT_FOUND without one, FAILED_PRECONDITION when it ended otherwise.
pub async fn commit(tx: &mut Tx, owner: &str, cause: &Cause) -> Result<Applied> {
    let known = of_owner(tx, owner).await?;
    let transition = known.commit(cause.at)?;
    apply(tx, cause, known, transition).await
}

/// The allocated units of `owner` left the building.
///
/// # Errors
/// As [`commit`].
pub async fn fulfill(tx: &mut Tx, owner: &str, cause: &Cause) -> Result<Applied> {
    let known = of_owner(tx, owner).await?;
    let transition = known.fulfill(cause.at)?;
    apply(tx, cause, known, transition).await
}

/// Gives all units of `owner` back, and bars one that has not reserved yet.
pub async fn release(tx: &mut Tx, owner: &str, cause: &Cause) -> Result<Applied> {
    let Some(known) = reservations::of_owner(&mut *tx, owner).await? else {
        let barred = Reservation::barred(owner, cause.at);
        reservations::insert(tx, &barred, cause.at).await?;
        return Ok(Applied::nothing(barred));
    };
    let transition = known.release();
    apply(tx, cause, known, transition).await
}

/// Expires the hold of `owner`, unless something else ended it.
pub async fn expire(tx: &mut Tx, owner: &str, cause: &Cause) -> Result<Option<Applied>> {
    let Some(reservation) = reservations::of_owner(&mut *tx, owner).await? else { return Ok(None) };
    let Some(transition) = reservation.expire(cause.at) else { return Ok(None) };
    let applied = apply(tx, cause, reservation, Some(transition)).await?;
    events::append(tx, cause, owner, &translate::events::reservation_expired(owner)).await?;
    Ok(Some(applied))
}

async fn of_owner(tx: &mut Tx, owner: &str) -> Result<Reservation> {
    let known = reservations::of_owner(tx, owner).await?;
    known.ok_or_else(|| Error::not_found(&format!("the reservation of {owner}")))
}

/// Carries out `transition`, if there is one.
///
/// # Errors
/// ABORTED when stock or reservation were changed at the same time.
async fn apply(
    tx: &mut Tx,
    cause: &Cause,
    reservation: Reservation,
    transition: Option<Transition>,
) -> Result<Applied> {
    let Some(Transition { to, shift }) = transition else { return Ok(Applied::nothing(reservation)) };
    for units in &reservation.units {
        stock::shift(tx, &units.variant, &units.location, shift(units.quantity)).await?;
    }
    if to == ReservationState::Fulfilled {
        record_sale(tx, cause, &reservation).await?;
    }
    reservations::set_state(tx, &reservation, to, cause.at).await?;
    let changed = if shift(1).available() == 0 {
        Vec::new()
    } else {
        let mut variants: Vec<&str> = reservation.units.iter().map(|units| units.variant.as_str()).collect();
        // A variant's units at several locations lie side by side.
        variants.dedup();
        stock::availability(tx, &variants).await?
    };
    Ok(Applied { reservation: Reservation { state: to, ..reservation }, changed })
}

/// Units that left the building are movements.
async fn record_sale(tx: &mut Tx, cause: &Cause, reservation: &Reservation) -> Result<()> {
    let variants: Vec<&str> = reservation.units.iter().map(|units| units.variant.as_str()).collect();
    let levels = stock::levels(&mut *tx, &variants).await?;
    let mut sold = Vec::with_capacity(reservation.units.len());
    for units in &reservation.units {
        let movement = Movement {
            id: MovementId::generate(),
            variant: units.variant.clone(),
            location: units.location.clone(),
            delta: Shift::ship(units.quantity).on_hand,
            reason: Reason::Sold,
            reference: reservation.owner.clone(),
            created: cause.at,
        };
        let here = levels.iter().find(|l| l.variant == units.variant && l.location == units.location);
        let on_hand = here.map_or(0, |level| level.on_hand);
        published::stock_adjusted(tx, cause, &movement, on_hand).await?;
        sold.push(movement);
    }
    movements::insert(tx, &sold).await
}
