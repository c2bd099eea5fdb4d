//! One saga, driven from its stored state until it waits, ends or loses a race.

use std::{sync::Arc, time::Duration};

use shopmesh_mesh::{
    context::{self, RequestContext},
    net::Drain,
};
use tokio::time::Instant;

use super::{
    Next, Run, Saga, SagaHandle, State,
    store::{self, Stored},
};
use crate::{
    clock::{Clock, Timestamp},
    db::{
        Db,
        tables::sagas::{self, Turn},
    },
    error::Error,
};

/// Time that the calls of one effect have.
const EFFECT_TIME: Duration = Duration::from_secs(15);
/// A wait that is already over is put off this far, so that no saga can spin.
const SHORTEST_WAIT: Duration = Duration::from_millis(10);

/// What a step needs; shared by all sagas of a runner.
pub(super) struct Driver<S> {
    pub(super) db: Db,
    pub(super) saga: Arc<S>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) handle: SagaHandle,
}

impl<S: Saga> Driver<S> {
    /// Runs the saga's steps until it waits, ends, is fenced off, or the drain starts. Returns until when it waits.
    pub(super) async fn drive(&self, id: &str, drain: &Drain) -> Result<Option<Timestamp>, Error> {
        let mut known = None;
        while !drain.is_started() {
            let stored = match known.take() {
                Some(stored) => Some(stored),
                None => store::load(&self.db, id).await?,
            };
            let Some(stored) = stored.filter(|stored| !stored.done) else { return Ok(None) };
            let now = self.clock.now();
            match stored.run.next(now) {
                Next::Do(effect) => known = self.step(id, stored, effect).await?,
                next => {
                    let Turn { done, due_at, .. } = turn(&next, now);
                    // Already put off so: spare the write.
                    if (done || due_at != stored.due_at)
                        && !self.settle(id, stored.version, done, due_at).await?
                    {
                        continue;
                    }
                    if done {
                        self.handle.announce(id, true);
                    }
                    return Ok((!done).then_some(due_at));
                }
            }
        }
        Ok(None)
    }

    /// Performs an effect and stores what came of it, with what follows from that, so that neither an end nor a wait is
    /// a write of its own. A lost race leaves the newer state to the next round.
    async fn step(
        &self,
        id: &str,
        stored: Stored<S::State>,
        effect: <S::State as State>::Effect,
    ) -> Result<Option<Stored<S::State>>, Error> {
        let Stored { version, run, .. } = stored;
        let before = run.state.clone();
        let (run, next, now) = self.perform(id, run, effect).await;
        let turn = turn(&next, now);
        let data = (self.saga.clone(), id.to_owned(), version, before, run.clone(), turn);
        let advanced: Result<bool, Error> = self
            .db
            .write(data, |tx, (saga, id, version, before, run, turn)| {
                Box::pin(async move {
                    let advanced = store::advance(tx, id, *version, run, *turn).await?;
                    if advanced {
                        saga.record(tx, before, &run.state, &run.cause(id, turn.at)).await?;
                    }
                    Ok(advanced)
                })
            })
            .await;
        if !advanced? {
            tracing::info!(kind = S::State::KIND, id, version, "another runner or a signal was faster");
            return Ok(None);
        }
        self.handle.announce(id, turn.done);
        Ok(Some(Stored { version: version + 1, run, done: turn.done, due_at: turn.due_at }))
    }

    /// Performs an effect; after one that only asks, the one that follows from the answer too.
    async fn perform(
        &self,
        id: &str,
        mut run: Run<S::State>,
        mut effect: <S::State as State>::Effect,
    ) -> (Run<S::State>, Next<<S::State as State>::Effect>, Timestamp) {
        loop {
            let asks = S::State::only_asks(&effect);
            let context = RequestContext {
                deadline: Instant::now() + EFFECT_TIME,
                traceparent: run.traceparent.clone(),
            };
            let outcome = context::scope(context, self.saga.perform(&run.state, effect)).await;
            let now = self.clock.now();
            run = run.apply(outcome, now);
            if run.attempts() > 1 {
                tracing::warn!(
                    kind = S::State::KIND,
                    id,
                    attempts = run.attempts(),
                    "a saga tries a step again"
                );
            }
            match run.next(now) {
                Next::Do(following) if asks => effect = following,
                next => return (run, next, now),
            }
        }
    }

    /// Ends a saga or puts it off; `false` when it has changed since `version`.
    pub(super) async fn settle(
        &self,
        id: &str,
        version: i64,
        done: bool,
        due: Timestamp,
    ) -> Result<bool, Error> {
        self.db
            .write((id.to_owned(), version, done, due), |tx, (id, version, done, due)| {
                Box::pin(async move {
                    Ok(sagas::settle(tx, store::key::<S::State>(id), *version, *done, *due).await?)
                })
            })
            .await
    }

    /// Puts a saga off after a defect, whatever its version.
    pub(super) async fn postpone(&self, id: &str, delay: Duration) -> Result<(), Error> {
        let version = sagas::version(&self.db, store::key::<S::State>(id)).await?;
        self.settle(id, version, false, self.clock.now() + delay).await.map(drop)
    }
}

/// How a saga stands that does `next`.
fn turn<E>(next: &Next<E>, now: Timestamp) -> Turn {
    let due_at = match next {
        Next::Wait(until) => (*until).max(now + SHORTEST_WAIT),
        Next::Do(_) | Next::Done => now,
    };
    Turn { done: matches!(next, Next::Done), due_at, at: now }
}
