//! Rows of `reservations` and their units.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, Row, Tx, sql, sql_dynamic},
    error::{Error, Result},
};

use super::{ROWS_PER_STATEMENT, row_placeholders, unreadable};
use crate::domain::{
    allocation::Units,
    ids::ReservationId,
    reservation::{Reservation, ReservationState},
};

/// The reservation of `owner`.
pub async fn of_owner(on: impl Executor, owner: &str) -> Result<Option<Reservation>> {
    let rows = sql("SELECT r.*, u.variant, u.location, u.quantity FROM reservations r \
         LEFT JOIN reservation_units u ON u.reservation = r.id WHERE r.owner = $1 ORDER BY u.variant, u.location")
    .bind(owner)
    .all(on)
    .await?;
    let Some(head) = rows.first() else { return Ok(None) };
    Ok(Some(Reservation {
        id: ReservationId::parse(&format!("{}/{}", ReservationId::COLLECTION, head.text("id")?))?,
        owner: head.text("owner")?,
        state: state(head.int("state")?)?,
        units: rows.iter().filter_map(|row| units(row).transpose()).collect::<Result<_>>()?,
        expires: Timestamp(head.int("expires")?),
    }))
}

/// Adds a reservation with its units.
///
/// # Errors
/// ABORTED when its owner has one by now.
pub async fn insert(tx: &mut Tx, reservation: &Reservation, now: Timestamp) -> Result<()> {
    let added =
        sql("INSERT INTO reservations (id, owner, state, expires, updated) VALUES ($1, $2, $3, $4, $5)")
            .bind(reservation.id.as_str())
            .bind(&reservation.owner)
            .bind(state_code(reservation.state))
            .bind(reservation.expires)
            .bind(now)
            .execute(&mut *tx)
            .await;
    match added {
        Err(error) if error.is_unique() => return Err(lost_race(&reservation.owner)),
        outcome => outcome?,
    };
    for chunk in reservation.units.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "INSERT INTO reservation_units (reservation, variant, location, quantity) VALUES {}",
            row_placeholders(1, chunk.len(), 4)
        );
        let query = chunk.iter().fold(sql_dynamic(text), |query, units| {
            query
                .bind(reservation.id.as_str())
                .bind(&units.variant)
                .bind(&units.location)
                .bind(units.quantity)
        });
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Moves a reservation from the state it was read in to `to`.
///
/// # Errors
/// ABORTED when it has another state by now.
pub async fn set_state(tx: &mut Tx, read: &Reservation, to: ReservationState, now: Timestamp) -> Result<()> {
    let changed = sql("UPDATE reservations SET state = $3, updated = $4 WHERE id = $1 AND state = $2")
        .bind(read.id.as_str())
        .bind(state_code(read.state))
        .bind(state_code(to))
        .bind(now)
        .execute(tx)
        .await?;
    if changed == 1 { Ok(()) } else { Err(lost_race(&read.owner)) }
}

/// Holds whose time is over by their end and owner, the longest overdue first, after `seen`.
pub async fn due(
    db: &Db,
    now: Timestamp,
    seen: &(Timestamp, String),
    limit: i64,
) -> Result<Vec<(Timestamp, String)>> {
    let rows = sql("SELECT expires, owner FROM reservations \
         WHERE state = 1 AND expires <= $1 AND (expires, owner) > ($2, $3) ORDER BY expires, owner LIMIT $4")
    .bind(now)
    .bind(seen.0)
    .bind(&seen.1)
    .bind(limit)
    .all(db)
    .await?;
    rows.iter().map(|row| Ok((Timestamp(row.int("expires")?), row.text("owner")?))).collect()
}

fn lost_race(owner: &str) -> Error {
    Error::aborted(
        "RESERVATION_CHANGED",
        format!("the reservation of {owner} changed at the same time; retry"),
    )
}

/// The units in a joined row; none when the reservation has none.
fn units(row: &Row) -> Result<Option<Units>> {
    let Some(variant) = row.opt_text("variant")? else { return Ok(None) };
    Ok(Some(Units { variant, location: row.text("location")?, quantity: row.int("quantity")? }))
}

fn state_code(state: ReservationState) -> i64 {
    match state {
        ReservationState::Held => 1,
        ReservationState::Committed => 2,
        ReservationState::Fulfilled => 3,
        ReservationState::Released => 4,
        ReservationState::Expired => 5,
    }
}

fn state(code: i64) -> Result<ReservationState> {
    Ok(match code {
        1 => ReservationState::Held,
        2 => ReservationState::Committed,
        3 => ReservationState::Fulfilled,
        4 => ReservationState::Released,
        5 => ReservationState::Expired,
        other => return Err(unreadable("reservation state", other)),
    })
}
