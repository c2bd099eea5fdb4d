//! Orderly shutdown: listeners stop accepting, open connections finish.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Seen by everything that must finish; cheap to clone.
#[derive(Clone)]
pub struct Drain {
    started: CancellationToken,
    tasks: TaskTracker,
}

/// Starts the shutdown.
pub struct DrainTrigger(Drain);

impl Drain {
    /// A pair of trigger and observer.
    pub fn new() -> (DrainTrigger, Self) {
        let drain = Self { started: CancellationToken::new(), tasks: TaskTracker::new() };
        (DrainTrigger(drain.clone()), drain)
    }

    /// Completes when the shutdown starts.
    pub async fn started(&self) {
        self.started.cancelled().await;
    }

    /// Runs a task that the shutdown waits for.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }
}

impl DrainTrigger {
    /// Starts the shutdown and waits up to `grace` for all tasks; false if some are left.
    pub async fn drain(self, grace: Duration) -> bool {
        self.0.started.cancel();
        self.0.tasks.close();
        tokio::time::timeout(grace, self.0.tasks.wait()).await.is_ok()
    }
}
