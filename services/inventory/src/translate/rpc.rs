//! Requests and replies.

use std::time::Duration;

use shopmesh_kit::error::{Error, Result};
use shopmesh_proto::inventory::v1 as pb;

use crate::domain::{
    allocation::{Units, Wanted, by_variant},
    location::Location,
    movement::{Movement, Reason},
    reservation::{Reservation, ReservationState},
    stock::{Availability, StockLevel},
    verification::{Difference, Totals},
};

const SHORTEST_HOLD: Duration = Duration::from_secs(30);
const LONGEST_HOLD: Duration = Duration::from_hours(1);

/// Units by variant; lines of one variant are summed.
pub fn wanted(lines: &[pb::ReserveLine]) -> Wanted {
    by_variant(lines.iter().map(|line| (line.variant.as_str(), line.quantity)))
}

/// How long to hold.
pub fn ttl(given: Option<prost_types::Duration>) -> Result<Duration> {
    let given = given.and_then(|given| Duration::try_from(given).ok());
    given
        .filter(|ttl| (SHORTEST_HOLD..=LONGEST_HOLD).contains(ttl))
        .ok_or_else(|| Error::invalid("ttl", "must be between 30 s and 60 min"))
}

/// The reason of an adjustment.
pub fn reason(given: pb::MovementReason) -> Result<Reason> {
    match given {
        pb::MovementReason::Received => Ok(Reason::Received),
        pb::MovementReason::Counted => Ok(Reason::Counted),
        pb::MovementReason::Damaged => Ok(Reason::Damaged),
        pb::MovementReason::Returned => Ok(Reason::Returned),
        pb::MovementReason::Sold | pb::MovementReason::Unspecified => {
            Err(Error::invalid("reason", "choose RECEIVED, COUNTED, DAMAGED or RETURNED"))
        }
    }
}

pub fn location_from(given: pb::Location) -> Location {
    Location { name: given.name, title: given.title, priority: i64::from(given.priority) }
}

pub fn location(location: Location) -> Result<pb::Location> {
    let priority = i32::try_from(location.priority).map_err(Error::internal)?;
    Ok(pb::Location { name: location.name, title: location.title, priority })
}

pub fn stock(level: &StockLevel) -> pb::Stock {
    pb::Stock {
        variant: level.variant.clone(),
        location: level.location.clone(),
        seller: level.seller.clone(),
        on_hand: level.on_hand,
        held: level.held,
        allocated: level.allocated,
        available: level.available(),
        version: level.version,
    }
}

pub fn availability(of: Availability) -> pb::Availability {
    pb::Availability { variant: of.variant, available: of.available, version: of.version }
}

pub fn movement(movement: &Movement) -> pb::Movement {
    let reason = match movement.reason {
        Reason::Received => pb::MovementReason::Received,
        Reason::Counted => pb::MovementReason::Counted,
        Reason::Damaged => pb::MovementReason::Damaged,
        Reason::Sold => pb::MovementReason::Sold,
        Reason::Returned => pb::MovementReason::Returned,
    };
    pb::Movement {
        name: movement.id.name(),
        variant: movement.variant.clone(),
        location: movement.location.clone(),
        delta: movement.delta,
        reason: reason.into(),
        reference: movement.reference.clone(),
        create_time: Some(movement.created.to_proto()),
    }
}

pub fn reservation(reservation: &Reservation) -> pb::Reservation {
    let state = match reservation.state {
        ReservationState::Held => pb::ReservationState::Held,
        ReservationState::Committed => pb::ReservationState::Committed,
        ReservationState::Fulfilled => pb::ReservationState::Fulfilled,
        ReservationState::Released => pb::ReservationState::Released,
        ReservationState::Expired => pb::ReservationState::Expired,
    };
    let units = |units: &Units| pb::ReservedUnits {
        variant: units.variant.clone(),
        location: units.location.clone(),
        quantity: units.quantity,
    };
    pb::Reservation {
        name: reservation.id.name(),
        owner: reservation.owner.clone(),
        state: state.into(),
        units: reservation.units.iter().map(units).collect(),
        expire_time: Some(reservation.expires.to_proto()),
    }
}

pub fn verification(totals: Totals, differences: Vec<Difference>) -> pb::VerifyStockResponse {
    let difference = |found: Difference| pb::StockDifference {
        variant: found.variant,
        location: found.location,
        quantity: found.quantity.to_owned(),
        stored: found.stored,
        computed: found.computed,
    };
    pb::VerifyStockResponse {
        checked: totals.rows,
        differences: differences.into_iter().map(difference).collect(),
        on_hand_total: totals.on_hand,
        held_total: totals.held,
        allocated_total: totals.allocated,
    }
}
