//! Rows of `reservations` and `reservation_units`, and what they do to stock.

use super::stock;
use crate::{
    domain::{
        allocation::{self, Available, Shortage, Taken},
        reservation::{self, State, Verb},
    },
    ids::ReservationId,
};
use shopmesh_kit::{
    clock::Timestamp,
    db::{Row, Tx, sql},
    error::{Error, Result},
    events::{self, Cause},
};
use shopmesh_proto::inventory::v1::{MovementReason, ReservationExpired, StockRanOut};
use std::collections::BTreeMap;

/// Units set aside for one owner.
#[derive(Debug, Clone)]
pub struct Reservation {
    pub id: ReservationId,
    pub owner: String,
    pub state: State,
    pub units: Vec<Taken>,
    pub expires: Timestamp,
}

/// Lines of a tombstone.
const NONE: &str = "";

/// Holds units for every line, or none.
///
/// # Errors
/// FAILED_PRECONDITION naming each variant that is short, or when the owner was released before; INVALID_ARGUMENT
/// when the owner holds other lines.
pub async fn reserve(
    tx: &mut Tx,
    owner: &str,
    wanted: &BTreeMap<String, i64>,
    expires: Timestamp,
    cause: &Cause,
) -> Result<Reservation> {
    let lines = serde_json::to_string(wanted).map_err(Error::internal)?;
    if let Some((known, known_lines)) = find(tx, owner).await? {
        return match known.state {
            State::Released | State::Expired => {
                Err(Error::precondition("STATE", owner, "its reservation has ended: start another checkout"))
            }
            _ if known_lines != lines => {
                Err(Error::invalid("lines", "differ from what this owner reserved before"))
            }
            _ => Ok(known),
        };
    }
    let (mut taken, mut short) = (Vec::new(), Vec::new());
    for (variant, quantity) in wanted {
        let rows = stock::of_variant(&mut *tx, variant).await?;
        let available: Vec<_> = rows
            .into_iter()
            .map(|row| Available { units: row.on_hand - row.held - row.allocated, location: row.location })
            .collect();
        match allocation::take(variant, *quantity, &available) {
            Ok(units) => taken.extend(units),
            Err(shortage) => short.push(shortage),
        }
    }
    if !short.is_empty() {
        return Err(out_of_stock(&short));
    }
    for units in &taken {
        hold(tx, units).await?;
    }
    let reservation = Reservation {
        id: ReservationId::generate(),
        owner: owner.to_owned(),
        state: State::Held,
        units: taken,
        expires,
    };
    insert(tx, &reservation, &lines, cause.at).await?;
    for variant in wanted.keys() {
        if stock::availability(&mut *tx, variant).await?.0 == 0 {
            events::append(tx, cause, variant, &StockRanOut { variant: variant.clone() }).await?;
        }
    }
    Ok(reservation)
}

fn out_of_stock(short: &[Shortage]) -> Error {
    let text = |shortage: &Shortage| format!("{} wanted, {} available", shortage.wanted, shortage.available);
    let error = Error::precondition("STOCK", &short[0].variant, text(&short[0]));
    short[1..]
        .iter()
        .fold(error, |error, shortage| error.with_violation("STOCK", &shortage.variant, text(shortage)))
}

async fn hold(tx: &mut Tx, units: &Taken) -> Result<()> {
    let held = sql("UPDATE stock SET held = held + $3, version = version + 1
         WHERE variant = $1 AND location = $2 AND on_hand - held - allocated >= $3")
    .bind(&units.variant)
    .bind(&units.location)
    .bind(units.quantity)
    .execute(tx)
    .await?;
    // Only where transactions run side by side can somebody have been faster since the rows were read.
    if held == 0 {
        Err(Error::aborted("CONCURRENT_CHANGE", "the stock changed meanwhile; try again"))
    } else {
        Ok(())
    }
}

async fn insert(tx: &mut Tx, reservation: &Reservation, lines: &str, now: Timestamp) -> Result<()> {
    sql("INSERT INTO reservations (id, owner, state, lines, expires, created) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(reservation.id.name())
        .bind(&reservation.owner)
        .bind(reservation.state as i64)
        .bind(lines)
        .bind(reservation.expires)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    for units in &reservation.units {
        sql("INSERT INTO reservation_units (reservation, variant, location, quantity) VALUES ($1, $2, $3, $4)")
            .bind(reservation.id.name())
            .bind(&units.variant)
            .bind(&units.location)
            .bind(units.quantity)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Applies a verb. Answers the reservation and whether anything changed.
///
/// # Errors
/// FAILED_PRECONDITION when its state does not take the verb; NOT_FOUND when the owner has none, but for Release,
/// which bars the owner instead.
pub async fn apply(tx: &mut Tx, owner: &str, verb: Verb, cause: &Cause) -> Result<(Reservation, bool)> {
    let Some((mut known, _)) = find(tx, owner).await? else {
        if verb != Verb::Release {
            return Err(Error::not_found(owner));
        }
        let (id, state) = (ReservationId::generate(), State::Released);
        let tombstone =
            Reservation { id, owner: owner.to_owned(), state, units: Vec::new(), expires: cause.at };
        insert(tx, &tombstone, NONE, cause.at).await?;
        return Ok((tombstone, false));
    };
    let Some((next, shift)) = reservation::next(known.state, verb, known.expires, cause.at)? else {
        return Ok((known, false));
    };
    for units in &known.units {
        sql("UPDATE stock SET on_hand = on_hand + $3, held = held + $4, allocated = allocated + $5,
             version = version + 1 WHERE variant = $1 AND location = $2")
        .bind(&units.variant)
        .bind(&units.location)
        .bind(shift.on_hand * units.quantity)
        .bind(shift.held * units.quantity)
        .bind(shift.allocated * units.quantity)
        .execute(&mut *tx)
        .await?;
        if shift.on_hand != 0 {
            let sold = (i64::from(MovementReason::Sold as i32), owner);
            stock::note(
                tx,
                (&units.variant, &units.location),
                shift.on_hand * units.quantity,
                sold,
                cause.at,
            )
            .await?;
        }
    }
    let moved = sql("UPDATE reservations SET state = $2 WHERE owner = $1 AND state = $3")
        .bind(owner)
        .bind(next as i64)
        .bind(known.state as i64)
        .execute(&mut *tx)
        .await?;
    if moved == 0 {
        return Err(Error::aborted("CONCURRENT_CHANGE", "the reservation changed meanwhile; try again"));
    }
    if next == State::Expired {
        events::append(tx, cause, owner, &ReservationExpired { owner: owner.to_owned() }).await?;
    }
    known.state = next;
    Ok((known, true))
}

/// Owners of holds whose time is over.
pub async fn due(on: impl shopmesh_kit::db::Executor, now: Timestamp, limit: i64) -> Result<Vec<String>> {
    let rows =
        sql("SELECT owner FROM reservations WHERE state = 1 AND expires <= $1 ORDER BY expires LIMIT $2")
            .bind(now)
            .bind(limit)
            .all(on)
            .await?;
    rows.iter().map(|row| Ok(row.text("owner")?)).collect()
}

async fn find(tx: &mut Tx, owner: &str) -> Result<Option<(Reservation, String)>> {
    let row = sql("SELECT * FROM reservations WHERE owner = $1").bind(owner).optional(&mut *tx).await?;
    let Some(row) = row else { return Ok(None) };
    let id = ReservationId::parse(&row.text("id")?)?;
    let units = sql("SELECT * FROM reservation_units WHERE reservation = $1 ORDER BY variant, location")
        .bind(id.name())
        .all(tx)
        .await?;
    let units = units.iter().map(read_units).collect::<Result<_>>()?;
    let state = State::from_code(row.int("state")?)?;
    let expires = Timestamp(row.int("expires")?);
    Ok(Some((Reservation { id, owner: owner.to_owned(), state, units, expires }, row.text("lines")?)))
}

fn read_units(row: &Row) -> Result<Taken> {
    Ok(Taken {
        variant: row.text("variant")?,
        location: row.text("location")?,
        quantity: row.int("quantity")?,
    })
}
