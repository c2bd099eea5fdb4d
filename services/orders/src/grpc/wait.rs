//! Waiting for a workflow inside a call.

use std::future::Future;

use shopmesh_kit::{error::Result, saga::SagaHandle};
use tokio::time::{Instant, timeout_at};

/// When a call whose deadline is `deadline` must stop waiting: a fifth of the time is left for the answer's way back.
pub fn latest(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now).mul_f64(0.8)
}

/// Reads until what is read is settled, or until `latest`; then answers what it read last. Reads again after each
/// change of the workflow `id`.
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
        if settled(&current) || timeout_at(latest, changes.changed()).await.is_err() {
            return Ok(current);
        }
    }
}
