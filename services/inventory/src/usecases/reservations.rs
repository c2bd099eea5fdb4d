//! Carries out what the domain decided about a reservation: its units, its state, movements and events at once.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use crate::{
    domain::{
        ids::MovementId,
        movement::{Movement, Reason},
        reservation::{Reservation, ReservationState, Transition},
        stock::{Availability, Shift},
    },
    events::published,
    store::{movements, reservations, stock},
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

/// Carries out `transition`, if there is one.
///
/// # Errors
/// ABORTED when stock or reservation were changed at the same time.
pub async fn apply(
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
        let delta = Shift::ship(units.quantity).on_hand;
        sold.push(Movement {
            id: MovementId::generate(),
            variant: units.variant.clone(),
            location: units.location.clone(),
            delta,
            reason: Reason::Sold,
            reference: reservation.owner.clone(),
            created: cause.at,
        });
        let here = levels.iter().find(|l| l.variant == units.variant && l.location == units.location);
        let on_hand = here.map_or(0, |level| level.on_hand);
        published::stock_adjusted(tx, cause, &units.variant, &units.location, delta, on_hand).await?;
    }
    movements::insert(tx, &sold).await
}
