//! The event table: appending, reading, verifying.

use super::{
    Cause, Envelope, TYPE_URL_PREFIX,
    chain::{GENESIS, Link},
};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Row, Topic, Tx, sql},
    error::Error,
    ids,
};
use prost::{Message, Name};
use prost_types::Any;

/// Appends commit in the order of their positions; readers rely on it. (PostgreSQL only: the key of its lock.)
const APPEND_LOCK: i64 = 0x6b69_745f_6576;

/// Appends a fact about `subject` with the subject's next sequence.
///
/// # Errors
/// Those of the database.
pub async fn append<M: Message + Name>(
    tx: &mut Tx,
    cause: &Cause,
    subject: &str,
    data: &M,
) -> Result<Envelope, Error> {
    let last = last_of(tx, subject).await?;
    insert(tx, cause, subject, last, Any::from_msg(data).map_err(Error::internal)?).await
}

/// As [`append`], of a message that has its type beside it, if the subject's last sequence still is `expected_sequence` (0: it has no event yet).
///
/// # Errors
/// ABORTED, reason `SEQUENCE_MISMATCH`, when events were appended since.
pub async fn append_expecting(
    tx: &mut Tx,
    cause: &Cause,
    subject: &str,
    expected_sequence: i64,
    data: Any,
) -> Result<Envelope, Error> {
    let last = last_of(tx, subject).await?;
    if last.sequence != expected_sequence {
        let problem = format!("{subject} has changed since it was read; read it again and retry");
        return Err(Error::aborted("SEQUENCE_MISMATCH", problem));
    }
    insert(tx, cause, subject, last, data).await
}

struct Last {
    sequence: i64,
    hash: Vec<u8>,
}

async fn last_of(tx: &mut Tx, subject: &str) -> Result<Last, DbError> {
    tx.serialize(APPEND_LOCK).await?;
    let row = sql("SELECT sequence, hash FROM kit_events WHERE subject = $1 ORDER BY sequence DESC LIMIT 1")
        .bind(subject)
        .optional(&mut *tx)
        .await?;
    match row {
        Some(row) => Ok(Last { sequence: row.int("sequence")?, hash: row.blob("hash")? }),
        None => Ok(Last { sequence: 0, hash: GENESIS.to_vec() }),
    }
}

async fn insert(tx: &mut Tx, cause: &Cause, subject: &str, last: Last, data: Any) -> Result<Envelope, Error> {
    let name = data.type_url.strip_prefix(TYPE_URL_PREFIX).unwrap_or(&data.type_url);
    let event = Envelope {
        id: format!("evt_{}", ids::new_ulid()),
        // Messages are named shopmesh.<service>.v<n>.<message>.
        source: name.split('.').nth(1).unwrap_or(name).to_owned(),
        subject: subject.to_owned(),
        sequence: last.sequence + 1,
        time: Some(cause.at.to_proto()),
        traceparent: cause.traceparent.clone(),
        causation_id: cause.causation_id.clone(),
        data: Some(data.clone()),
    };
    let link = Link {
        id: &event.id,
        source: &event.source,
        subject,
        sequence: event.sequence,
        at: cause.at.0,
        traceparent: &event.traceparent,
        causation_id: &event.causation_id,
        type_url: &data.type_url,
        data: &data.value,
    };
    let hash = link.hash(&last.hash);
    sql("INSERT INTO kit_events (id, source, subject, sequence, at, traceparent, causation_id, type_url, data, \
         prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
    .bind(&event.id)
    .bind(&event.source)
    .bind(subject)
    .bind(event.sequence)
    .bind(cause.at)
    .bind(&event.traceparent)
    .bind(&event.causation_id)
    .bind(&data.type_url)
    .bind(&data.value)
    .bind(last.hash)
    .bind(hash)
    .execute(&mut *tx)
    .await?;
    tx.touched.insert(Topic::Events);
    Ok(event)
}

/// All events of a subject in order.
///
/// # Errors
/// Those of the database.
pub async fn stream_of(on: impl Executor, subject: &str) -> Result<Vec<Envelope>, Error> {
    let rows =
        sql("SELECT * FROM kit_events WHERE subject = $1 ORDER BY sequence").bind(subject).all(on).await?;
    rows.iter().map(|row| envelope(row).map_err(Error::from)).collect()
}

/// All events of a subject in order, each with its link of the hash chain (SHA-256).
///
/// # Errors
/// Those of the database.
pub async fn history_of(on: impl Executor, subject: &str) -> Result<Vec<(Envelope, Vec<u8>)>, Error> {
    let rows =
        sql("SELECT * FROM kit_events WHERE subject = $1 ORDER BY sequence").bind(subject).all(on).await?;
    rows.iter().map(|row| Ok((envelope(row)?, row.blob("hash")?))).collect()
}

/// The first events of all subjects whose position is greater than `position`, in commit order: as many as a page of
/// `size` holds, none only when there is none.
///
/// # Errors
/// Those of the database.
pub async fn read_after(
    on: impl Executor,
    position: i64,
    size: usize,
) -> Result<Vec<(i64, Envelope)>, Error> {
    let rows = sql("SELECT * FROM kit_events WHERE position > $1 ORDER BY position")
        .bind(position)
        .page(on, size)
        .await?;
    rows.into_vec().iter().map(|row| Ok((row.int("position")?, envelope(row)?))).collect()
}

/// Recomputes the hash chain of a subject.
///
/// # Errors
/// INTERNAL naming the first event that is missing, out of order or changed.
pub async fn verify_chain(on: impl Executor, subject: &str) -> Result<(), Error> {
    let rows =
        sql("SELECT * FROM kit_events WHERE subject = $1 ORDER BY sequence").bind(subject).all(on).await?;
    let mut previous = GENESIS.to_vec();
    for (expected, row) in (1_i64..).zip(&rows) {
        let broken = |problem| Error::internal(anyhow::anyhow!("event {expected} of {subject}: {problem}"));
        if row.int("sequence")? != expected {
            return Err(broken("is missing"));
        }
        if row.blob("prev_hash")? != previous {
            return Err(broken("does not follow the event before it"));
        }
        let hash = stored_hash(row, &previous)?;
        if row.blob("hash")? != hash {
            return Err(broken("was changed"));
        }
        previous = hash;
    }
    Ok(())
}

fn stored_hash(row: &Row, previous: &[u8]) -> Result<Vec<u8>, DbError> {
    let link = Link {
        id: &row.text("id")?,
        source: &row.text("source")?,
        subject: &row.text("subject")?,
        sequence: row.int("sequence")?,
        at: row.int("at")?,
        traceparent: &row.text("traceparent")?,
        causation_id: &row.text("causation_id")?,
        type_url: &row.text("type_url")?,
        data: &row.blob("data")?,
    };
    Ok(link.hash(previous))
}

fn envelope(row: &Row) -> Result<Envelope, DbError> {
    Ok(Envelope {
        id: row.text("id")?,
        source: row.text("source")?,
        subject: row.text("subject")?,
        sequence: row.int("sequence")?,
        time: Some(Timestamp(row.int("at")?).to_proto()),
        traceparent: row.text("traceparent")?,
        causation_id: row.text("causation_id")?,
        data: Some(prost_types::Any { type_url: row.text("type_url")?, value: row.blob("data")? }),
    })
}
