//! Finds sagas that are due and drives them, at most 64 at a time.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use shopmesh_mesh::net::Drain;
use tokio::{task::JoinSet, time::Instant};

use super::{Saga, SagaHandle, State, step::Driver};
use crate::{
    Backoff,
    clock::{Clock, Timestamp},
    db::{Db, Topic, tables::sagas},
    error::Error,
};

const CONCURRENCY: usize = 64;
/// Longest pause before looking again, whatever was announced.
const NET: Duration = Duration::from_secs(1);
const BACKOFF: Backoff = Backoff::doubling(Duration::from_millis(100), Duration::from_secs(60));

/// The runner of one kind of saga. Several may run side by side, in one or many processes: versions fence them.
pub struct SagaRunner<S: Saga> {
    driver: Arc<Driver<S>>,
    running: HashSet<String>,
    /// Whether some that are due found no room.
    is_crowded: bool,
    /// Defects in a row, by saga.
    failures: HashMap<String, u32>,
    tasks: JoinSet<(String, Result<Option<Timestamp>, Error>)>,
}

impl<S: Saga> SagaRunner<S> {
    /// A runner over `db`, and what RPCs hold of it.
    pub fn new(db: Db, saga: Arc<S>, clock: Arc<dyn Clock>) -> (Self, SagaHandle) {
        let handle = SagaHandle::default();
        let driver = Arc::new(Driver { db, saga, clock, handle: handle.clone() });
        let (running, failures, tasks) = (HashSet::new(), HashMap::new(), JoinSet::new());
        (Self { driver, running, is_crowded: false, failures, tasks }, handle)
    }

    /// Runs until the drain starts, then finishes the steps under way. Sagas left open go on at the next start.
    pub async fn run(mut self, drain: Drain) {
        let mut committed = self.driver.db.committed(Topic::Sagas);
        let mut look_at = Instant::now();
        while !drain.is_started() {
            if look_at <= Instant::now() {
                committed.mark_unchanged();
                let pause = self.start_due(&drain).await.unwrap_or_else(|error| {
                    tracing::warn!(kind = S::State::KIND, %error, "looking for due sagas failed; trying again");
                    NET
                });
                look_at = Instant::now() + pause;
            }
            self.start_woken(&drain);
            tokio::select! {
                () = tokio::time::sleep_until(look_at) => {}
                Ok(()) = committed.changed() => look_at = Instant::now(),
                () = self.driver.handle.woken() => {}
                Some(ended) = self.tasks.join_next() => {
                    let pause = self.ended(ended).await;
                    look_at = look_at.min(Instant::now() + pause);
                }
                () = drain.started() => break,
            }
        }
        while let Some(ended) = self.tasks.join_next().await {
            self.ended(ended).await;
        }
    }

    /// Starts what is due; returns how long to pause.
    async fn start_due(&mut self, drain: &Drain) -> Result<Duration, Error> {
        // Those that run may be among the due ones, so more are asked for than can be started.
        let sagas = sagas::running(&self.driver.db, S::State::KIND, 2 * CONCURRENCY + 1).await?;
        let now = self.driver.clock.now();
        self.is_crowded = false;
        for (id, _) in sagas.iter().take_while(|(_, due_at)| *due_at <= now) {
            if !self.running.contains(id) && !self.start(id, drain) {
                self.is_crowded = true;
            }
        }
        let next = sagas.iter().find(|(_, due_at)| *due_at > now);
        Ok(next.map_or(NET, |(_, due_at)| self.until(*due_at)))
    }

    /// Starts what was woken. A saga that runs is looked at again when it ends: the wake-up may have come after its last
    /// look.
    fn start_woken(&mut self, drain: &Drain) {
        let woken = self.driver.handle.take_woken();
        let late = woken.into_iter().filter(|id| !self.start(id, drain)).collect::<Vec<_>>();
        self.driver.handle.keep_woken(late);
    }

    /// Drives a saga in a task of its own; `false` when it is already driven or there is no room.
    fn start(&mut self, id: &str, drain: &Drain) -> bool {
        if self.tasks.len() >= CONCURRENCY || !self.running.insert(id.to_owned()) {
            return false;
        }
        let (driver, drain, id) = (self.driver.clone(), drain.clone(), id.to_owned());
        self.tasks.spawn(async move {
            let driving = AssertUnwindSafe(driver.drive(&id, &drain)).catch_unwind().await;
            let result =
                driving.unwrap_or_else(|_| Err(Error::internal(anyhow::anyhow!("the saga panicked"))));
            (id, result)
        });
        true
    }

    /// Books the end of a drive; a defect puts the saga off, longer each time. Returns when to look at the rows again.
    async fn ended(
        &mut self,
        ended: Result<(String, Result<Option<Timestamp>, Error>), tokio::task::JoinError>,
    ) -> Duration {
        // Panics are caught inside the task, and no task is aborted while the runner lives.
        let Ok((id, result)) = ended else { return Duration::ZERO };
        self.running.remove(&id);
        let pause = match result {
            Ok(waits) => {
                self.failures.remove(&id);
                waits.map_or(NET, |until| self.until(until))
            }
            Err(error) => self.failed(&id, &error).await,
        };
        if self.is_crowded { Duration::ZERO } else { pause }
    }

    async fn failed(&mut self, id: &str, error: &Error) -> Duration {
        let failures = self.failures.entry(id.to_owned()).or_default();
        let delay = BACKOFF.after(*failures);
        *failures = failures.saturating_add(1);
        tracing::error!(kind = S::State::KIND, id, %error, "a saga's step failed; trying again in {delay:?}");
        if let Err(error) = self.driver.postpone(id, delay).await {
            tracing::warn!(kind = S::State::KIND, id, %error, "putting the saga off failed");
        }
        delay
    }

    /// Time until `due`, at most [`NET`].
    fn until(&self, due: Timestamp) -> Duration {
        due.since(self.driver.clock.now()).clamp(Duration::from_millis(1), NET)
    }
}
