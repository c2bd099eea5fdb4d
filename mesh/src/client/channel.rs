//! The way of one call through a client.

use super::{
    attempt::{self, Failed, MAX_ATTEMPTS},
    body::MeshBody,
    budget::RetryBudget,
};
use crate::{
    ServiceName, context,
    net::pool::{Payload, Pool},
    server::deadline,
    telemetry::{Metrics, Role, trace},
};
use http::{HeaderValue, Request, Response, Uri, request::Parts};
use http_body_util::{BodyExt, Limited};
use shopmesh_proto::policy::{MethodPolicy, PolicyTable, RetryClass};
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};
use tonic::{Status, body::Body};
use tower::Service;

/// Time for a call when nobody set one.
const DEFAULT_TIME: Duration = Duration::from_secs(5);
/// With less than this left a call is not worth starting.
const LEAST_TIME: Duration = Duration::from_millis(5);
/// A larger request is sent once, as a stream.
const MAX_REPLAYED: usize = 4 * 1024 * 1024;

/// What a generated client sits on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MeshChannel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    to: ServiceName,
    pools: Vec<Pool>,
    next: AtomicUsize,
    budget: RetryBudget,
    metrics: Metrics,
}

impl MeshChannel {
    pub(super) fn new(to: ServiceName, pools: Vec<Pool>, budget: RetryBudget, metrics: Metrics) -> Self {
        Self(Arc::new(Inner { to, pools, next: AtomicUsize::new(0), budget, metrics }))
    }
}

impl Service<Request<Body>> for MeshChannel {
    type Response = Response<MeshBody>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<MeshBody>, Status>> + Send>>;

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
    ) -> Result<Response<MeshBody>, Status> {
        let started = Instant::now();
        let path = request.uri().path().to_owned();
        let policy = PolicyTable::global().method(&path);
        let deadline = deadline_of(context.as_ref(), policy, &request)?;
        let traceparent = trace::child(context.as_ref().map(|context| context.traceparent.as_str()));
        self.budget.deposit();
        let outcome = match timeout_at(deadline, self.attempts(policy, &traceparent, deadline, request)).await
        {
            Ok(outcome) => outcome,
            Err(_) => Err(Status::deadline_exceeded(format!("{} did not answer in time", self.to))),
        };
        let code = match &outcome {
            Ok(response) => {
                Status::from_header_map(response.headers()).map_or(tonic::Code::Ok, |status| status.code())
            }
            Err(status) => status.code(),
        };
        self.metrics.call_finished(Role::Client, &path, code, started.elapsed());
        outcome.map(|response| response.map(|body| MeshBody::new(body, deadline)))
    }

    async fn attempts(
        &self,
        policy: Option<&MethodPolicy>,
        traceparent: &str,
        deadline: Instant,
        request: Request<Body>,
    ) -> Result<Response<crate::net::pool::PooledBody>, Status> {
        let class = policy.map_or(RetryClass::Unsafe, |policy| policy.retry);
        let (head, body) = request.into_parts();
        if policy.is_some_and(|policy| policy.client_streaming) {
            let stream = body.map_err(Into::into).boxed_unsync();
            let outcome = self.attempt(&head, Payload::Stream(stream), traceparent, deadline, 0).await;
            return outcome.map_err(|failed| failed.status);
        }
        let whole = Limited::new(body, MAX_REPLAYED).collect().await;
        let whole = whole
            .map_err(|error| Status::resource_exhausted(format!("the request is too large: {error}")))?;
        let whole = whole.to_bytes();
        let mut made = 0;
        loop {
            let failed =
                match self.attempt(&head, Payload::Whole(whole.clone()), traceparent, deadline, made).await {
                    Ok(response) => match Status::from_header_map(response.headers()) {
                        Some(status) if status.code() != tonic::Code::Ok => {
                            let failed = Failed { status, unseen: false };
                            if !attempt::may_retry(class, &failed) {
                                return Ok(response);
                            }
                            failed
                        }
                        _ => return Ok(response),
                    },
                    Err(failed) => failed,
                };
            made += 1;
            let again = attempt::may_retry(class, &failed) && made < MAX_ATTEMPTS && self.budget.withdraw();
            if !again {
                return Err(failed.status);
            }
            self.metrics.retried();
            tokio::time::sleep(attempt::pause(made, &failed)).await;
        }
    }

    async fn attempt(
        &self,
        head: &Parts,
        payload: Payload,
        traceparent: &str,
        deadline: Instant,
        made: u32,
    ) -> Result<Response<crate::net::pool::PooledBody>, Failed> {
        let mut head = head.clone();
        let unusable = |_| Failed { status: Status::invalid_argument("the method path"), unseen: true };
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        // h2 wants scheme and authority; the peer is known by its certificate, not by this name.
        head.uri = Uri::builder()
            .scheme("https")
            .authority(self.to.as_str())
            .path_and_query(path)
            .build()
            .map_err(unusable)?;
        let left = deadline.saturating_duration_since(Instant::now());
        let mut set = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                head.headers.insert(name, value);
            }
        };
        set("grpc-timeout", deadline::encode(left));
        set("traceparent", traceparent.to_owned());
        if made > 0 {
            set("grpc-previous-rpc-attempts", made.to_string());
        }
        if self.pools.is_empty() {
            let status = Status::unavailable(format!("no endpoint of {} is known", self.to));
            return Err(Failed { status, unseen: true });
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.pools.len();
        Ok(self.pools[turn].request(head, payload).await?)
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
