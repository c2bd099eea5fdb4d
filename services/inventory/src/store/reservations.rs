//! Rows of `reservations` and their units.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, ROWS_PER_STATEMENT, Row, Tx, row_placeholders, sql, sql_dynamic},
    error::Result,
};

use crate::{
    domain::{
        allocation::Units,
        reservation::{Reservation, ReservationState},
    },
    error::reservation_changed,
    ids::ReservationId,
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
        id: ReservationId::stored(&head.text("id")?)?,
        owner: head.text("owner")?,
        state: head.coded("state")?,
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
            .bind(&reservation.id)
            .bind(&reservation.owner)
            .bind(&reservation.state)
            .bind(reservation.expires)
            .bind(now)
            .execute(&mut *tx)
            .await;
    match added {
        Err(error) if error.is_unique() => return Err(reservation_changed(&reservation.owner)),
        outcome => outcome?,
    };
    for chunk in reservation.units.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "INSERT INTO reservation_units (reservation, variant, location, quantity) VALUES {}",
            row_placeholders(1, chunk.len(), 4)
        );
        let query = chunk.iter().fold(sql_dynamic(text), |query, units| {
            query.bind(&reservation.id).bind(&units.variant).bind(&units.location).bind(units.quantity)
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
        .bind(&read.id)
        .bind(&read.state)
        .bind(&to)
        .bind(now)
        .execute(tx)
        .await?;
    if changed == 1 { Ok(()) } else { Err(reservation_changed(&read.owner)) }
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

/// The units in a joined row; none when the reservation has none.
fn units(row: &Row) -> Result<Option<Units>> {
    let Some(variant) = row.opt_text("variant")? else { return Ok(None) };
    Ok(Some(Units { variant, location: row.text("location")?, quantity: row.int("quantity")? }))
}
