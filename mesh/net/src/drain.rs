//! Ending without losing anything: new work is refused, running work finishes, and what does not finish is cut.

use std::{future::Future, time::Duration};

use tokio::sync::watch;
use tokio_util::task::TaskTracker;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Draining,
    Over,
}

/// What everybody watches who has to end. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Drain {
    phase: watch::Receiver<Phase>,
    work: TaskTracker,
}

/// Starts the drain.
#[derive(Debug)]
pub struct DrainTrigger {
    phase: watch::Sender<Phase>,
    work: TaskTracker,
}

impl Drain {
    /// A pair; dropping the trigger ends everything at once.
    #[allow(clippy::new_ret_no_self)]
    pub fn new() -> (DrainTrigger, Self) {
        let (sender, phase) = watch::channel(Phase::Open);
        let work = TaskTracker::new();
        (DrainTrigger { phase: sender, work: work.clone() }, Self { phase, work })
    }

    /// Resolves when no new work may start.
    pub async fn started(&self) {
        self.reached(|phase| phase != Phase::Open).await;
    }

    /// Resolves when running work has had its time.
    pub async fn over(&self) {
        self.reached(|phase| phase == Phase::Over).await;
    }

    /// Whether no new work may start.
    pub fn is_started(&self) -> bool {
        *self.phase.borrow() != Phase::Open
    }

    /// Runs work that the drain waits for, until it ends or its time is over.
    pub fn spawn<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let drain = self.clone();
        // On the heap by itself: within another future it would take its room twice, as what is given and as what runs.
        let work = Box::pin(work);
        self.work.spawn(async move {
            tokio::select! {
                () = work => {}
                () = drain.over() => {}
            }
        });
    }

    async fn reached(&self, wanted: impl Fn(Phase) -> bool) {
        // A dropped trigger is the end.
        let _ = self.phase.clone().wait_for(|phase| wanted(*phase)).await;
    }
}

impl DrainTrigger {
    /// Refuses new work, waits for running work for at most `grace`, then cuts what is left.
    /// Answers whether everything finished in time.
    pub async fn drain(self, grace: Duration) -> bool {
        self.phase.send_replace(Phase::Draining);
        self.work.close();
        let finished = tokio::time::timeout(grace, self.work.wait()).await.is_ok();
        self.phase.send_replace(Phase::Over);
        self.work.wait().await;
        finished
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn running_work_finishes_and_hanging_work_is_cut() {
        let (trigger, drain) = Drain::new();
        let (finish, finished) = oneshot::channel::<()>();
        drain.spawn(async move {
            finished.await.unwrap();
        });
        let waiting = tokio::spawn(trigger.drain(Duration::from_secs(5)));
        drain.started().await;
        finish.send(()).unwrap();
        assert!(waiting.await.unwrap());

        let (trigger, drain) = Drain::new();
        drain.spawn(std::future::pending());
        assert!(!trigger.drain(Duration::from_secs(5)).await);
        drain.over().await;
    }
}
