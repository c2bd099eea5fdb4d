//! The way of one call through a client.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderValue, Request, Response, Uri, request::Parts};
use http_body_util::BodyExt;
use shopmesh_proto::policy::{MethodPolicy, PolicyTable, RetryClass};
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Status, body::Body};
use tower::Service;

use super::{
    attempt::{self, FailedAttempt, MAX_ATTEMPTS},
    budget::RetryBudget,
};
use crate::{
    ServiceName, context,
    net::{
        endpoints::Endpoints,
        pool::{Pool, PooledBody},
        retry_buffer::RetryBuffer,
    },
    observed_body::{ObservedBody, code_of},
    server::deadline,
    telemetry::{Metrics, Role, trace},
};

/// Time for a call when nobody set one.
const DEFAULT_TIME: Duration = Duration::from_secs(5);
/// With less than this left a call is not worth starting.
const LEAST_TIME: Duration = Duration::from_millis(5);

/// What a generated client sits on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MeshChannel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    to: ServiceName,
    endpoints: Arc<Endpoints>,
    budget: RetryBudget,
    metrics: Metrics,
}

impl MeshChannel {
    pub(super) fn new(
        to: ServiceName,
        endpoints: Arc<Endpoints>,
        budget: RetryBudget,
        metrics: Metrics,
    ) -> Self {
        Self(Arc::new(Inner { to, endpoints, budget, metrics }))
    }
}

impl Service<Request<Body>> for MeshChannel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let inner = self.0.clone();
        // The task-local context is that of the caller, so it is read here and not in the future.
        let context = context::current();
        Box::pin(async move { inner.call(context, request).await })
    }
}

impl Inner {
    async fn call(
        &self,
        context: Option<context::RequestContext>,
        request: Request<Body>,
    ) -> Result<Response<Body>, Status> {
        let started = Instant::now();
        let policy = PolicyTable::global().method(request.uri().path());
        let deadline = deadline_of(context.as_ref(), policy, &request)?;
        let traceparent = trace::child(context.as_ref().map(|context| context.traceparent.as_str()));
        self.budget.deposit();
        let method = policy.map_or("unknown", |policy| policy.path.as_str());
        self.metrics.call_started(Role::Client, method);
        let metrics = self.metrics.clone();
        let finished = move |code| metrics.call_finished(Role::Client, method, code, started.elapsed());
        let attempts = timeout_at(deadline, self.attempts(policy, &traceparent, deadline, request)).await;
        match attempts
            .unwrap_or_else(|_| Err(Status::deadline_exceeded(format!("{} did not answer in time", self.to))))
        {
            // A trailers-only answer is over already.
            Ok(answer) if answer.headers().contains_key("grpc-status") => {
                finished(code_of(answer.headers()));
                Ok(answer.map(|_| Body::empty()))
            }
            Ok(answer) => Ok(answer.map(|body| {
                let body =
                    body.map_err(|error| Status::unavailable(format!("the connection broke: {error}")));
                Body::new(ObservedBody::new(body, deadline, finished))
            })),
            Err(status) => {
                finished(status.code());
                Err(status)
            }
        }
    }

    async fn attempts(
        &self,
        policy: Option<&MethodPolicy>,
        traceparent: &str,
        deadline: Instant,
        request: Request<Body>,
    ) -> Result<Response<PooledBody>, Status> {
        let class = policy.map_or(RetryClass::Unsafe, |policy| policy.retry);
        let (mut head, body) = request.into_parts();
        let body = RetryBuffer::new(body.map_err(Into::into).boxed_unsync());
        self.address(&mut head, traceparent)?;
        self.endpoints.known().await;
        let mut made = 0;
        loop {
            // Each attempt takes the next: the one before may be gone.
            let Some(endpoint) = self.endpoints.in_turn().next() else {
                return Err(Status::unavailable(format!("no endpoint of {} is known", self.to)));
            };
            let failed = match attempt(&endpoint, &mut head, &body, deadline, made).await {
                Ok(answer) => match Status::from_header_map(answer.headers()) {
                    Some(status) if status.code() != Code::Ok => {
                        let failed = FailedAttempt::answered(status);
                        if !attempt::may_retry(class, &failed) {
                            return Ok(answer);
                        }
                        failed
                    }
                    _ => return Ok(answer),
                },
                Err(failed) => failed,
            };
            made += 1;
            let possible = made < MAX_ATTEMPTS && body.is_whole() && attempt::may_retry(class, &failed);
            if !possible || !self.budget.withdraw() {
                return Err(failed.status);
            }
            self.metrics.retried();
            tokio::time::sleep(attempt::pause(made, &failed)).await;
        }
    }

    /// What all attempts of a call carry. h2 wants scheme and authority; the peer is known by its certificate, not by
    /// this name.
    fn address(&self, head: &mut Parts, traceparent: &str) -> Result<(), Status> {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = Uri::builder().scheme("https").authority(self.to.as_str()).path_and_query(path).build();
        head.uri = uri.map_err(|_| Status::invalid_argument("the method's path is not one"))?;
        set(head, "traceparent", traceparent.to_owned());
        Ok(())
    }
}

async fn attempt(
    endpoint: &Pool,
    head: &mut Parts,
    body: &RetryBuffer,
    deadline: Instant,
    made: u32,
) -> Result<Response<PooledBody>, FailedAttempt> {
    set(head, "grpc-timeout", deadline::encode(deadline.saturating_duration_since(Instant::now())));
    if made > 0 {
        set(head, "grpc-previous-rpc-attempts", made.to_string());
    }
    Ok(endpoint.send(head, body).await?)
}

fn set(head: &mut Parts, name: &'static str, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        head.headers.insert(name, value);
    }
}

/// When the call must be over: what its caller has left less a reserve for answering, what the request asks for, and
/// what the contract allows, whichever is first.
fn deadline_of(
    context: Option<&context::RequestContext>,
    policy: Option<&MethodPolicy>,
    request: &Request<Body>,
) -> Result<Instant, Status> {
    let now = Instant::now();
    let longest = policy.map_or(DEFAULT_TIME, |policy| policy.deadline);
    let mut time = deadline::allowance(request.headers(), longest);
    if let Some(context) = context {
        let left = context.deadline.saturating_duration_since(now);
        let reserve = (left / 20).clamp(Duration::from_millis(1), Duration::from_millis(50));
        time = time.min(left.saturating_sub(reserve));
    }
    if time < LEAST_TIME {
        return Err(Status::deadline_exceeded("too little time is left for another call"));
    }
    Ok(now + time)
}
