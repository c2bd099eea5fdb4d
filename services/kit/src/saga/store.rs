//! Stored sagas: starting, signaling, reading, forgetting.

use std::fmt::Display;

use super::{Run, Saga, State};
use crate::{
    clock::Timestamp,
    db::{
        Executor, Topic, Tx,
        tables::sagas::{self, SagaKey, SagaRow, Turn},
    },
    error::Error,
    events::Cause,
};

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
    let state = to_text(&Run::new(state, &cause.traceparent))?;
    match sagas::insert(tx, key::<S>(id), state, cause.at).await {
        Ok(()) => {
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
    sagas::get(on, key::<S>(id)).await?.map(stored).transpose()
}

/// Deletes those of `ids` that are over.
///
/// # Errors
/// Those of the database.
pub async fn forget<S: State>(tx: &mut Tx, ids: &[impl Display]) -> Result<(), Error> {
    Ok(sagas::delete_done(tx, S::KIND, ids.iter().map(ToString::to_string)).await?)
}

fn stored<S: State>(row: SagaRow) -> Result<Stored<S>, Error> {
    let run = serde_json::from_str(&row.state).map_err(Error::internal)?;
    Ok(Stored { version: row.version, run, done: row.done, due_at: row.due_at })
}

/// The saga `id` of this kind.
pub(super) fn key<S: State>(id: &str) -> SagaKey<'_> {
    SagaKey { kind: S::KIND, id }
}

/// Stores the state after a step; `false` when another one was stored since `version`.
pub(super) async fn advance<S: State>(
    tx: &mut Tx,
    id: &str,
    version: i64,
    run: &Run<S>,
    turn: Turn,
) -> Result<bool, Error> {
    Ok(sagas::advance(tx, key::<S>(id), version, to_text(run)?, turn).await?)
}

fn to_text<S: State>(run: &Run<S>) -> Result<String, Error> {
    serde_json::to_string(run).map_err(Error::internal)
}
