//! Published events: rows that are added and never changed.

use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Row, Tx, sql},
};

/// Appends commit in the order of their positions; readers rely on it. (PostgreSQL only: the key of its lock.)
const APPEND_LOCK: i64 = 0x6b69_745f_6576;

/// An event as its row holds it, but for its position, which the database gives.
pub(crate) struct EventRow {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) subject: String,
    /// Counts the subject's events, from 1.
    pub(crate) sequence: i64,
    pub(crate) at: Timestamp,
    pub(crate) traceparent: String,
    pub(crate) causation_id: String,
    pub(crate) type_url: String,
    pub(crate) data: Vec<u8>,
    /// The hash of the subject's event before it.
    pub(crate) prev_hash: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

/// Where a subject's events end.
pub(crate) struct Last {
    pub(crate) sequence: i64,
    pub(crate) hash: Vec<u8>,
}

/// The last event of `subject`. Nobody else appends until the transaction ends.
pub(crate) async fn last_of(tx: &mut Tx, subject: &str) -> Result<Option<Last>, DbError> {
    tx.serialize(APPEND_LOCK).await?;
    let row = sql("SELECT sequence, hash FROM kit_events WHERE subject = $1 ORDER BY sequence DESC LIMIT 1")
        .bind(subject)
        .optional(tx)
        .await?;
    row.map(|row| Ok(Last { sequence: row.int("sequence")?, hash: row.blob("hash")? })).transpose()
}

pub(crate) async fn insert(tx: &mut Tx, event: &EventRow) -> Result<(), DbError> {
    sql("INSERT INTO kit_events (id, source, subject, sequence, at, traceparent, causation_id, type_url, data, \
         prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
    .bind(&event.id)
    .bind(&event.source)
    .bind(&event.subject)
    .bind(event.sequence)
    .bind(event.at)
    .bind(&event.traceparent)
    .bind(&event.causation_id)
    .bind(&event.type_url)
    .bind(&event.data)
    .bind(&event.prev_hash)
    .bind(&event.hash)
    .execute(tx)
    .await
    .map(drop)
}

/// All events of `subject` in order.
pub(crate) async fn of_subject(on: impl Executor, subject: &str) -> Result<Vec<EventRow>, DbError> {
    let rows =
        sql("SELECT * FROM kit_events WHERE subject = $1 ORDER BY sequence").bind(subject).all(on).await?;
    rows.iter().map(event).collect()
}

/// The events after `position` with their positions, in commit order: as many as a page of `size` holds.
pub(crate) async fn after(
    on: impl Executor,
    position: i64,
    size: usize,
) -> Result<Vec<(i64, EventRow)>, DbError> {
    let events = sql("SELECT * FROM kit_events WHERE position > $1 ORDER BY position").bind(position);
    let rows = events.page(on, size).await?.into_vec();
    rows.iter().map(|row| Ok((row.int("position")?, event(row)?))).collect()
}

/// Whether there is one.
pub(crate) async fn has_any(on: impl Executor) -> Result<bool, DbError> {
    Ok(sql("SELECT position FROM kit_events LIMIT 1").optional(on).await?.is_some())
}

fn event(row: &Row) -> Result<EventRow, DbError> {
    Ok(EventRow {
        id: row.text("id")?,
        source: row.text("source")?,
        subject: row.text("subject")?,
        sequence: row.int("sequence")?,
        at: Timestamp(row.int("at")?),
        traceparent: row.text("traceparent")?,
        causation_id: row.text("causation_id")?,
        type_url: row.text("type_url")?,
        data: row.blob("data")?,
        prev_hash: row.blob("prev_hash")?,
        hash: row.blob("hash")?,
    })
}
