//! Received events, one row per handler.

use crate::{
    clock::Timestamp,
    coded,
    db::{DbError, Executor, Row, Tx, sql},
};

/// How a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InboxState {
    Pending,
    Done,
    Parked,
}

coded!(InboxState { Pending = 0, Done = 1, Parked = 2 });

/// An event for one handler.
pub(crate) struct Received {
    pub(crate) event_id: String,
    pub(crate) handler: &'static str,
    pub(crate) subject: String,
    pub(crate) envelope: Vec<u8>,
}

/// A row that waits for its handler, without what it holds.
pub(crate) struct Pending {
    pub(crate) position: i64,
    pub(crate) handler: String,
    pub(crate) subject: String,
    pub(crate) attempts: i64,
}

/// What came of an attempt that failed.
pub(crate) struct Failure {
    pub(crate) position: i64,
    pub(crate) attempts: i64,
    /// Pending, or parked.
    pub(crate) state: InboxState,
    /// When it is tried again.
    pub(crate) due_at: Timestamp,
    pub(crate) problem: String,
}

/// See [`due`].
pub(crate) const DUE: &str = "SELECT position, handler, subject, attempts FROM kit_inbox AS due \
    WHERE state = 0 AND due_at <= $1 AND NOT EXISTS (SELECT 1 FROM kit_inbox AS earlier WHERE earlier.state = 0 \
    AND earlier.handler = due.handler AND earlier.subject = due.subject AND earlier.position < due.position \
    AND earlier.due_at > $1) ORDER BY position";

/// The first `size` rows that are due. One that waits for its next attempt holds back later ones of its handler and
/// subject only.
pub(crate) async fn due(on: impl Executor, now: Timestamp, size: usize) -> Result<Vec<Pending>, DbError> {
    let rows = sql(DUE).bind(now).page(on, size).await?.into_vec();
    rows.iter().map(pending).collect()
}

/// When the next row is due, if one is pending.
pub(crate) async fn next_due(on: impl Executor) -> Result<Option<Timestamp>, DbError> {
    let row = sql("SELECT MIN(due_at) AS due_at FROM kit_inbox WHERE state = 0").one(on).await?;
    Ok(row.opt_int("due_at")?.map(Timestamp))
}

/// What a row holds that is still pending.
pub(crate) async fn envelope(on: impl Executor, position: i64) -> Result<Option<Vec<u8>>, DbError> {
    let row = sql("SELECT envelope FROM kit_inbox WHERE position = $1 AND state = 0").bind(position);
    row.optional(on).await?.map(|row| row.blob("envelope")).transpose()
}

/// Adds a pending row, unless its event was received before.
pub(crate) async fn insert(tx: &mut Tx, received: &Received, now: Timestamp) -> Result<(), DbError> {
    sql("INSERT INTO kit_inbox (event_id, handler, subject, envelope, state, attempts, due_at, received_at, problem) \
         VALUES ($1, $2, $3, $4, 0, 0, 0, $5, '') ON CONFLICT (event_id, handler) DO NOTHING")
    .bind(&received.event_id)
    .bind(received.handler)
    .bind(&received.subject)
    .bind(&received.envelope)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// Marks a pending row as done, and empties it; `false` when it is not pending any more.
pub(crate) async fn finish(tx: &mut Tx, position: i64) -> Result<bool, DbError> {
    let finished = sql("UPDATE kit_inbox SET state = 1, envelope = $2, problem = '' \
                        WHERE position = $1 AND state = 0")
    .bind(position)
    .bind(Vec::new())
    .execute(tx)
    .await?;
    Ok(finished == 1)
}

/// Records what came of an attempt at a pending row.
pub(crate) async fn fail(tx: &mut Tx, failure: &Failure) -> Result<(), DbError> {
    sql("UPDATE kit_inbox SET attempts = $2, state = $3, due_at = $4, problem = $5 \
         WHERE position = $1 AND state = 0")
    .bind(failure.position)
    .bind(failure.attempts)
    .bind(&failure.state)
    .bind(failure.due_at)
    .bind(&failure.problem)
    .execute(tx)
    .await
    .map(drop)
}

/// Makes parked rows pending again, as if never tried; returns how many.
pub(crate) async fn unpark(tx: &mut Tx) -> Result<u64, DbError> {
    sql("UPDATE kit_inbox SET state = 0, attempts = 0, due_at = 0 WHERE state = 2").execute(tx).await
}

/// Deletes what is done and was received before `before`; returns how many.
pub(crate) async fn delete_done(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    sql("DELETE FROM kit_inbox WHERE state = 1 AND received_at < $1").bind(before).execute(tx).await
}

fn pending(row: &Row) -> Result<Pending, DbError> {
    Ok(Pending {
        position: row.int("position")?,
        handler: row.text("handler")?,
        subject: row.text("subject")?,
        attempts: row.int("attempts")?,
    })
}
