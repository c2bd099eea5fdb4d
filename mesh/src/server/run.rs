//! Running a handler: within its time, apart from panics, and to its end once it may change something.

use super::call::Call;
use crate::context::{self, RequestContext};
use http::{Request, Response};
use std::{future::Future, panic::AssertUnwindSafe};
use tokio::time::timeout_at;
use tonic::{Status, body::Body, service::Routes};
use tower::ServiceExt;
use tracing::Instrument;

/// The handler's answer. Its status is in the answer; an `Err` is one that the handler did not give.
pub async fn run(routes: Routes, call: &Call, request: Request<Body>) -> Result<Response<Body>, Status> {
    let context = RequestContext { deadline: call.deadline, traceparent: call.traceparent.clone() };
    let path = call.policy.path.as_str();
    let work = context::scope(
        context,
        isolated(path, async move {
            match routes.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }),
    );
    let outcome = if call.policy.mutates() {
        // A caller that goes away must not stop a change half-way: the change runs on, and its result waits under
        // its idempotency key.
        let shielded = tokio::spawn(work.in_current_span());
        timeout_at(call.deadline, shielded).await.map(|joined| joined.unwrap_or_else(|_| Err(panicked())))
    } else {
        timeout_at(call.deadline, work).await
    };
    outcome.unwrap_or_else(|_| Err(Status::deadline_exceeded("the call's time is over")))
}

/// A panic ends the call, not the connection.
async fn isolated<T>(path: &str, work: impl Future<Output = T>) -> Result<T, Status> {
    let outcome = futures_util::FutureExt::catch_unwind(AssertUnwindSafe(work)).await;
    outcome.map_err(|cause| {
        let text = cause
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| cause.downcast_ref::<String>().cloned());
        tracing::error!(method = path, panic = text.unwrap_or_default(), "the handler panicked");
        panicked()
    })
}

fn panicked() -> Status {
    Status::new(tonic::Code::Internal, "internal error")
}
