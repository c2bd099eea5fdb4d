//! Proto to rows and back.

use crate::store::{
    locations, reservations,
    stock::{MovementRow, StockRow},
    verify::Findings,
};
use shopmesh_proto::inventory::v1 as pb;

pub fn location(location: locations::Location) -> pb::Location {
    // Read from a validated request, and at most 1000.
    let priority = i32::try_from(location.priority).unwrap_or(i32::MAX);
    pb::Location { name: location.name, title: location.title, priority }
}

pub fn stock(row: StockRow) -> pb::Stock {
    pb::Stock {
        available: row.on_hand - row.held - row.allocated,
        variant: row.variant,
        location: row.location,
        seller: row.seller,
        on_hand: row.on_hand,
        held: row.held,
        allocated: row.allocated,
        version: row.version,
    }
}

pub fn movement(row: MovementRow) -> pb::Movement {
    pb::Movement {
        name: row.id.name(),
        variant: row.variant,
        location: row.location,
        delta: row.delta,
        reason: i32::try_from(row.reason).unwrap_or_default(),
        reference: row.reference,
        create_time: Some(row.created.to_proto()),
    }
}

pub fn reservation(reservation: reservations::Reservation) -> pb::Reservation {
    let units = reservation.units.into_iter();
    pb::Reservation {
        name: reservation.id.name(),
        owner: reservation.owner,
        state: reservation.state as i32,
        units: units
            .map(|units| pb::ReservedUnits {
                variant: units.variant,
                location: units.location,
                quantity: units.quantity,
            })
            .collect(),
        expire_time: Some(reservation.expires.to_proto()),
    }
}

pub fn findings(findings: Findings) -> pb::VerifyStockResponse {
    let differences = findings.differences.into_iter().map(|difference| pb::StockDifference {
        variant: difference.variant,
        location: difference.location,
        quantity: difference.quantity.to_owned(),
        stored: difference.stored,
        computed: difference.computed,
    });
    pb::VerifyStockResponse {
        checked: findings.checked,
        differences: differences.collect(),
        on_hand_total: findings.on_hand,
        held_total: findings.held,
        allocated_total: findings.allocated,
    }
}
