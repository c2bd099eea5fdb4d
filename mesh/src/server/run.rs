//! Running a handler: within its time, apart from panics, and to its end once it may change something.

use std::{any::Any, future::Future, panic::AssertUnwindSafe};

use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Request, Response};
use shopmesh_proto::status::error;
use tokio::time::timeout_at;
use tonic::{Code, Status, body::Body, service::Routes};
use tower::ServiceExt;
use tracing::Instrument;

use super::call::Call;
use crate::{context, observed_body::deadline_exceeded};

const STATUS_MESSAGE: &str = "grpc-message";
const STATUS_DETAILS: &str = "grpc-status-details-bin";
/// Most bytes of a status: the `h2` crate's clients, and others, take 16 KiB of headers.
const MAX_STATUS: usize = 12 * 1024;

/// The handler's answer. Its status is in the answer; an `Err` is one that the handler did not give.
pub async fn run(routes: Routes, call: &Call, request: Request<Body>) -> Result<Response<Body>, Status> {
    let path = call.policy.path.as_str();
    let handler = async move {
        match routes.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    };
    // On the heap: it would be copied with each task that it runs in.
    let work = Box::pin(context::scope(call.context(), isolated(path, handler)));
    let outcome = if call.policy.mutates() {
        // A caller that goes away must not stop a change half-way: the change runs on, and its result waits under
        // its idempotency key.
        let shielded = tokio::spawn(work.in_current_span());
        timeout_at(call.deadline, shielded).await.map(|joined| joined.unwrap_or_else(|_| Err(internal())))
    } else {
        timeout_at(call.deadline, work).await
    };
    outcome.unwrap_or_else(|_| Err(deadline_exceeded())).map(bounded)
}

/// Cuts off what of a status no client would take: a list of headers that is too long ends the whole connection.
fn bounded(mut answer: Response<Body>) -> Response<Body> {
    let headers = answer.headers_mut();
    let size = |headers: &HeaderMap, name| headers.get(name).map_or(0, HeaderValue::len);
    if size(headers, STATUS_MESSAGE) + size(headers, STATUS_DETAILS) > MAX_STATUS {
        headers.remove(STATUS_DETAILS);
        if size(headers, STATUS_MESSAGE) > MAX_STATUS {
            headers.insert(STATUS_MESSAGE, HeaderValue::from_static("the reason is too long to be told"));
        }
    }
    answer
}

/// A panic ends the call, not the connection.
async fn isolated<T>(path: &str, work: impl Future<Output = T>) -> Result<T, Status> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|cause| panicked(path, cause.as_ref()))
}

/// Logs a panic; the caller learns nothing of it.
pub fn panicked(path: &str, cause: &(dyn Any + Send)) -> Status {
    let text = cause.downcast_ref::<&str>().copied();
    let text = text.or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(method = path, panic = text.unwrap_or_default(), "the handler panicked");
    internal()
}

/// What a caller is told of our own mistakes.
pub fn internal() -> Status {
    error(Code::Internal, "INTERNAL", "internal error")
}
