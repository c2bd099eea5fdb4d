//! Durable work across services. Each is a pure state machine (`next`, `apply`), one network call per effect
//! (`perform`), and what this service remembers of a transition, in the transaction of the transition (`record`).

pub mod cancel_order;
pub mod place_order;
pub mod purge;
pub mod retry;
pub mod ship_order;

use std::{future::Future, time::Duration};

use shopmesh_mesh::context::{self, RequestContext};
use tokio::time::Instant;

/// Time for one step; each call has a shorter one of its own in its contract.
const STEP: Duration = Duration::from_secs(15);

/// Runs a step in the trace of the request that started its workflow.
async fn traced<F: Future>(traceparent: &str, step: F) -> F::Output {
    let context = RequestContext { deadline: Instant::now() + STEP, traceparent: traceparent.to_owned() };
    context::scope(context, step).await
}
