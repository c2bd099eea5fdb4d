//! Waiting for a workflow inside a call.

use std::{future::Future, time::Duration};

use shopmesh_kit::{
    error::Result,
    saga::{Progress, SagaHandle},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// When a call whose deadline is `deadline` must stop waiting: a fifth of the time is left for the answer's way back.
pub fn latest(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now).mul_f64(0.8)
}

/// Reads until what is read is settled, or until `latest`; then answers what it read last. Reads again at the end of
/// the workflow `id`, and every second, for a runner in another process tells nobody here.
pub async fn until_settled<T, R, F>(
    workflows: &SagaHandle,
    id: &str,
    latest: Instant,
    read: R,
    settled: fn(&T) -> bool,
) -> Result<T>
where
    R: Fn() -> F,
    F: Future<Output = Result<T>>,
{
    let mut changes = workflows.changed(id);
    loop {
        let current = read().await?;
        if settled(&current) || Instant::now() >= latest {
            return Ok(current);
        }
        next_look(&mut changes, latest, |progress| progress.is_over).await;
    }
}

/// Waits for a change that is worth a look, but no longer than until `latest` and no longer than a second.
pub async fn next_look(
    changes: &mut watch::Receiver<Progress>,
    latest: Instant,
    is_worth: fn(&Progress) -> bool,
) {
    let soon = latest.min(Instant::now() + LOOK_AGAIN);
    // Whatever ends the wait, the caller looks again.
    let changed = async {
        while changes.changed().await.is_ok() {
            if is_worth(&changes.borrow()) {
                return;
            }
        }
        std::future::pending().await
    };
    let _ = timeout_at(soon, changed).await;
}
