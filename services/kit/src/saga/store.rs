//! Rows of sagas. Every change raises `version`; whoever decided on an older one has lost.

use super::{Run, Saga, State};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Row, Topic, Tx, placeholders, sql, sql_dynamic},
    error::Error,
    events::Cause,
};
use std::fmt::Display;

/// A stored saga.
#[derive(Clone, Debug)]
pub struct Stored<S> {
    /// Counts its changes, from 1.
    pub version: i64,
    /// Its state, and how far it is.
    pub run: Run<S>,
    /// Whether it is over.
    pub done: bool,
    /// When to look at it again.
    pub due_at: Timestamp,
}

/// Starts a saga in the caller's transaction; it runs once that is committed.
///
/// # Errors
/// ALREADY_EXISTS when `id` has a saga of this kind.
pub async fn start<S: State>(tx: &mut Tx, id: &str, state: S, cause: &Cause) -> Result<(), Error> {
    let inserted = sql("INSERT INTO kit_sagas (kind, id, version, state, done, due_at, updated_at) \
                        VALUES ($1, $2, 1, $3, 0, $4, $4)")
    .bind(S::KIND)
    .bind(id)
    .bind(to_text(&Run::new(state, &cause.traceparent))?)
    .bind(cause.at)
    .execute(&mut *tx)
    .await;
    match inserted {
        Ok(_) => {
            tx.touched.insert(Topic::Sagas);
            Ok(())
        }
        Err(error) if error.is_unique() => {
            Err(Error::already_exists(id, format!("{id} is already under way")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Changes the state of a running saga from outside, such as a customer's cancellation, and makes it due; once that is
/// committed, [`super::SagaHandle::wake`] spares the runner's second of looking. An effect that is being
/// performed is decided again on the new state. Returns the new state; `None` when there is no running saga.
///
/// # Errors
/// Those of the database and of [`Saga::record`].
pub async fn signal<S: Saga>(
    tx: &mut Tx,
    saga: &S,
    id: &str,
    now: Timestamp,
    change: impl FnOnce(S::State) -> S::State + Send,
) -> Result<Option<S::State>, Error> {
    let Some(stored) = load::<S::State>(&mut *tx, id).await?.filter(|stored| !stored.done) else {
        return Ok(None);
    };
    let Run { state: before, traceparent, .. } = stored.run;
    let after = Run::new(change(before.clone()), traceparent);
    // Due at once: the runner sees what follows from it.
    let turn = Turn { done: false, due_at: now, at: now };
    if !advance(tx, id, stored.version, &after, turn).await? {
        return Err(Error::aborted("SAGA_MOVED", format!("{id} has just changed; retry")));
    }
    saga.record(tx, &before, &after.state, &after.cause(id, now)).await?;
    tx.touched.insert(Topic::Sagas);
    Ok(Some(after.state))
}

/// Reads a saga.
///
/// # Errors
/// Those of the database; INTERNAL when its state cannot be read.
pub async fn load<S: State>(on: impl Executor, id: &str) -> Result<Option<Stored<S>>, Error> {
    let row = sql("SELECT version, state, done, due_at FROM kit_sagas WHERE kind = $1 AND id = $2")
        .bind(S::KIND)
        .bind(id)
        .optional(on)
        .await?;
    row.as_ref().map(stored).transpose()
}

/// Deletes those of `ids` that are over.
///
/// # Errors
/// Those of the database.
pub async fn forget<S: State>(tx: &mut Tx, ids: &[impl Display]) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let places = placeholders(2, ids.len());
    let text = format!("DELETE FROM kit_sagas WHERE kind = $1 AND done = 1 AND id IN ({places})");
    sql_dynamic(text).bind(S::KIND).bind_all(ids.iter().map(ToString::to_string)).execute(tx).await?;
    Ok(())
}

fn stored<S: State>(row: &Row) -> Result<Stored<S>, Error> {
    Ok(Stored {
        version: row.int("version")?,
        run: serde_json::from_str(&row.text("state")?).map_err(Error::internal)?,
        done: row.bool("done")?,
        due_at: Timestamp(row.int("due_at")?),
    })
}

/// What is stored beside the state after a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub(super) done: bool,
    pub(super) due_at: Timestamp,
    pub(super) at: Timestamp,
}

/// Stores the state after a step; `false` when another one was stored since `version`.
pub(super) async fn advance<S: State>(
    tx: &mut Tx,
    id: &str,
    version: i64,
    run: &Run<S>,
    turn: Turn,
) -> Result<bool, Error> {
    let changed = sql("UPDATE kit_sagas SET version = version + 1, state = $4, done = $5, due_at = $6, \
                       updated_at = $7 WHERE kind = $1 AND id = $2 AND version = $3 AND done = 0")
    .bind(S::KIND)
    .bind(id)
    .bind(version)
    .bind(to_text(run)?)
    .bind(turn.done)
    .bind(turn.due_at)
    .bind(turn.at)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Ends a saga, or puts it off to `due_at`, if it still has `version`.
pub(super) async fn settle<S: State>(
    tx: &mut Tx,
    id: &str,
    version: i64,
    done: bool,
    due_at: Timestamp,
) -> Result<bool, DbError> {
    let changed = sql("UPDATE kit_sagas SET done = $4, due_at = $5 \
                       WHERE kind = $1 AND id = $2 AND version = $3 AND done = 0")
    .bind(S::KIND)
    .bind(id)
    .bind(version)
    .bind(done)
    .bind(due_at)
    .execute(tx)
    .await?;
    Ok(changed == 1)
}

/// Running sagas and when they are due, longest ago first.
pub(super) async fn running<S: State>(
    on: impl Executor,
    limit: usize,
) -> Result<Vec<(String, Timestamp)>, DbError> {
    let rows = sql("SELECT id, due_at FROM kit_sagas WHERE kind = $1 AND done = 0 ORDER BY due_at LIMIT $2")
        .bind(S::KIND)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(on)
        .await?;
    rows.iter().map(|row| Ok((row.text("id")?, Timestamp(row.int("due_at")?)))).collect()
}

fn to_text<S: State>(run: &Run<S>) -> Result<String, Error> {
    serde_json::to_string(run).map_err(Error::internal)
}
