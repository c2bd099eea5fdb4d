//! What one call hands to the calls it makes: how much time is left, and which trace they belong to.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

tokio::task_local! {
    static CONTEXT: RequestContext;
}

/// The context of the call being served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// When its caller stops waiting.
    pub deadline: Instant,
    /// W3C `traceparent` of this hop.
    pub traceparent: String,
}

/// The context of the running task, if it serves a call.
pub fn current() -> Option<RequestContext> {
    CONTEXT.try_with(Clone::clone).ok()
}

/// Runs `future` in `context`. A spawned task does not inherit it; wrap its future again.
pub async fn scope<F: Future>(context: RequestContext, future: F) -> F::Output {
    CONTEXT.scope(context, future).await
}

/// Runs `work` in `context`.
pub(crate) fn enter<T>(context: &RequestContext, work: impl FnOnce() -> T) -> T {
    CONTEXT.sync_scope(context.clone(), work)
}

/// A fresh context for work that no call waits for, such as a saga's step.
pub fn background(time: Duration) -> RequestContext {
    RequestContext { deadline: Instant::now() + time, traceparent: crate::telemetry::trace::root() }
}
