//! Waiting for a workflow inside a call.

use std::{future::Future, time::Duration};

use shopmesh_kit::{
    error::{Error, Result},
    saga::{Progress, SagaHandle},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{
    app::App,
    domain::{
        checkout::Checkout,
        operation::{Operation, OperationState},
    },
    ids::{CheckoutId, OperationId},
    store::{checkouts, operations, orders},
    translate,
};

const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The checkout once it is settled, or as it stands near the deadline.
pub async fn for_checkout(app: &App, call: &Call, id: &CheckoutId) -> Result<Checkout> {
    let settled = |checkout: &Checkout| checkout.state.is_settled();
    until(call, &app.checkouts, &id.name(), || checkouts::get(&app.db, id), settled).await
}

/// The order once the operation on it is over, or as it stands near the deadline.
pub async fn for_operation(
    app: &App,
    call: &Call,
    workflows: &SagaHandle,
    id: &OperationId,
) -> Result<pb::Order> {
    let settled = |operation: &Operation| operation.state != OperationState::Running;
    let operation = until(call, workflows, &id.name(), || operations::get(&app.db, id), settled).await?;
    if let Some(problem) = operation.failure {
        return Err(Error::precondition("PAYMENT_FAILED", operation.order.name(), problem));
    }
    translate::rpc::order(&orders::get(&app.db, &operation.order).await?)
}

/// Reads until what is read is settled, or until a fifth of the call's time is left for the answer's way back; then
/// answers what it read last. Reads again at the end of the workflow `id`, and every second, for a runner in another
/// process tells nobody here.
async fn until<T, R, F>(
    call: &Call,
    workflows: &SagaHandle,
    id: &str,
    read: R,
    settled: fn(&T) -> bool,
) -> Result<T>
where
    R: Fn() -> F,
    F: Future<Output = Result<T>>,
{
    workflows.wake(id);
    let now = Instant::now();
    let latest = now + call.deadline.saturating_duration_since(now).mul_f64(0.8);
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
