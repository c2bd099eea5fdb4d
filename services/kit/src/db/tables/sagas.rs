//! Sagas, running and finished. Every change raises `version`; whoever decided on an older one has lost.

use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

/// Which saga.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SagaKey<'a> {
    pub(crate) kind: &'static str,
    pub(crate) id: &'a str,
}

/// A saga as its row holds it.
pub(crate) struct SagaRow {
    pub(crate) version: i64,
    /// JSON.
    pub(crate) state: String,
    pub(crate) done: bool,
    pub(crate) due_at: Timestamp,
}

/// What is stored beside the state after a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// Whether it is over.
    pub(crate) done: bool,
    /// When to look at it again.
    pub(crate) due_at: Timestamp,
    pub(crate) at: Timestamp,
}

/// # Errors
/// [`DbError::Unique`] when there is one.
pub(crate) async fn insert(
    tx: &mut Tx,
    key: SagaKey<'_>,
    state: String,
    at: Timestamp,
) -> Result<(), DbError> {
    sql("INSERT INTO kit_sagas (kind, id, version, state, done, due_at, updated_at) \
         VALUES ($1, $2, 1, $3, 0, $4, $4)")
    .bind(key.kind)
    .bind(key.id)
    .bind(state)
    .bind(at)
    .execute(tx)
    .await
    .map(drop)
}

pub(crate) async fn get(on: impl Executor, key: SagaKey<'_>) -> Result<Option<SagaRow>, DbError> {
    let row = sql("SELECT version, state, done, due_at FROM kit_sagas WHERE kind = $1 AND id = $2")
        .bind(key.kind)
        .bind(key.id)
        .optional(on)
        .await?;
    row.map(|row| {
        Ok(SagaRow {
            version: row.int("version")?,
            state: row.text("state")?,
            done: row.bool("done")?,
            due_at: Timestamp(row.int("due_at")?),
        })
    })
    .transpose()
}

/// The version alone, of a saga whose state may be what cannot be read.
pub(crate) async fn version(on: impl Executor, key: SagaKey<'_>) -> Result<i64, DbError> {
    let row = sql("SELECT version FROM kit_sagas WHERE kind = $1 AND id = $2").bind(key.kind).bind(key.id);
    row.one(on).await?.int("version")
}

/// Stores the state after a step of a running saga; `false` when another one was stored since `version`.
pub(crate) async fn advance(
    tx: &mut Tx,
    key: SagaKey<'_>,
    version: i64,
    state: String,
    turn: Turn,
) -> Result<bool, DbError> {
    let changed = sql("UPDATE kit_sagas SET version = version + 1, state = $4, done = $5, due_at = $6, \
                       updated_at = $7 WHERE kind = $1 AND id = $2 AND version = $3 AND done = 0")
    .bind(key.kind)
    .bind(key.id)
    .bind(version)
    .bind(state)
    .bind(turn.done)
    .bind(turn.due_at)
    .bind(turn.at)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Ends a running saga, or puts it off to `due_at`; `false` when it does not have `version` any more.
pub(crate) async fn settle(
    tx: &mut Tx,
    key: SagaKey<'_>,
    version: i64,
    done: bool,
    due_at: Timestamp,
) -> Result<bool, DbError> {
    let changed = sql("UPDATE kit_sagas SET done = $4, due_at = $5 \
                       WHERE kind = $1 AND id = $2 AND version = $3 AND done = 0")
    .bind(key.kind)
    .bind(key.id)
    .bind(version)
    .bind(done)
    .bind(due_at)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Running sagas and when they are due, longest ago first.
pub(crate) async fn running(
    on: impl Executor,
    kind: &'static str,
    limit: usize,
) -> Result<Vec<(String, Timestamp)>, DbError> {
    let rows = sql("SELECT id, due_at FROM kit_sagas WHERE kind = $1 AND done = 0 ORDER BY due_at LIMIT $2")
        .bind(kind)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(on)
        .await?;
    rows.iter().map(|row| Ok((row.text("id")?, Timestamp(row.int("due_at")?)))).collect()
}

/// Deletes those of `ids` that are over.
pub(crate) async fn delete_done(
    tx: &mut Tx,
    kind: &'static str,
    ids: impl IntoIterator<Item = String>,
) -> Result<(), DbError> {
    let over = sql("DELETE FROM kit_sagas WHERE kind = $1 AND done = 1 AND ").bind(kind).in_list("id", ids);
    over.execute(tx).await.map(drop)
}
