//! One saga, driven from its stored state until it waits, ends or loses a race.

use super::{
    Next, Saga, SagaHandle,
    store::{self, Stored},
};
use crate::{
    clock::{Clock, Timestamp},
    db::Db,
    error::Error,
};
use shopmesh_mesh::{context, net::Drain};
use std::{sync::Arc, time::Duration};

/// Time that the calls of one effect have.
const EFFECT_TIME: Duration = Duration::from_secs(30);
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
    /// Runs the saga's steps until it waits, ends, is fenced off, or the drain starts.
    pub(super) async fn drive(&self, id: &str, drain: &Drain) -> Result<(), Error> {
        while !drain.is_started() {
            let Some(stored) = store::load::<S>(&self.db, id).await?.filter(|stored| !stored.done) else {
                return Ok(());
            };
            let now = self.clock.now();
            match S::next(&stored.state, now) {
                Next::Do(effect) => self.step(id, stored, effect).await?,
                Next::Wait(until) => {
                    let until = until.max(now + SHORTEST_WAIT);
                    // Already put off so: spare the write.
                    if until != stored.due_at && !self.settle(id, stored.version, false, until).await? {
                        continue;
                    }
                    return Ok(());
                }
                Next::Done => {
                    if self.settle(id, stored.version, true, now).await? {
                        self.handle.announce(id);
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Performs an effect and stores what came of it. A lost race leaves the newer state to the next round.
    async fn step(&self, id: &str, stored: Stored<S::State>, effect: S::Effect) -> Result<(), Error> {
        let Stored { version, state: before, .. } = stored;
        let perform = self.saga.perform(id, &before, effect);
        let outcome = context::scope(context::background(EFFECT_TIME), perform).await;
        let now = self.clock.now();
        let after = S::apply(before.clone(), outcome, now);
        let data = (self.saga.clone(), id.to_owned(), version, before, after, now);
        let advanced: Result<bool, Error> = self
            .db
            .write(data, |tx, (saga, id, version, before, after, now)| {
                Box::pin(async move {
                    let advanced = store::advance::<S>(tx, id, *version, after, *now).await?;
                    if advanced {
                        saga.record(tx, id, before, after).await?;
                    }
                    Ok(advanced)
                })
            })
            .await;
        match advanced? {
            true => self.handle.announce(id),
            false => tracing::info!(kind = S::KIND, id, version, "another runner or a signal was faster"),
        }
        Ok(())
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
                Box::pin(async move { Ok(store::settle::<S>(tx, id, *version, *done, *due).await?) })
            })
            .await
    }

    /// Puts a saga off after a defect, whatever its version.
    pub(super) async fn postpone(&self, id: &str, delay: Duration) -> Result<(), Error> {
        // Its state may be what cannot be read, so only the version is.
        let version = crate::db::sql("SELECT version FROM kit_sagas WHERE kind = $1 AND id = $2")
            .bind(S::KIND)
            .bind(id)
            .one(&self.db)
            .await?
            .int("version")?;
        self.settle(id, version, false, self.clock.now() + delay).await.map(drop)
    }
}
