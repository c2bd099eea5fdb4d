//! The way of one request through a server, step by step.

use super::{
    authorize,
    body::{Limited, Watched, code_of},
    call::Call,
    deadline, http_route, run,
    tokens::TokenVerifier,
};
use crate::{
    identity::{SpiffeId, peer_id},
    net::listener::Remote,
    server::HttpRoute,
    telemetry::{Metrics, Role, trace},
};
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use shopmesh_proto::policy::{MethodPolicy, PolicyTable};
use std::sync::Arc;
use tokio::time::Instant;
use tonic::{Code, Status, body::Body, service::Routes};
use tracing::Instrument;

/// The largest request of a method that users can reach, bytes.
const MAX_REQUEST: usize = 1024 * 1024;
/// The largest request of a method for operators and services only, bytes.
const MAX_INTERNAL_REQUEST: usize = 4 * 1024 * 1024;

/// What a server answers with.
pub struct Handler {
    pub routes: Routes,
    pub http_routes: Vec<HttpRoute>,
    pub tokens: Option<Arc<dyn TokenVerifier>>,
    pub metrics: Metrics,
}

impl Handler {
    /// Answers one request.
    pub async fn handle(self: Arc<Self>, remote: Arc<Remote>, request: Request<Incoming>) -> Response<Body> {
        let started = Instant::now();
        // TLS has verified the certificate; a listener without TLS has no peers.
        let Some(peer) = remote.certificate.as_ref().and_then(peer_id) else {
            return Status::permission_denied("this listener needs a client certificate").into_http();
        };
        if let Some(answer) =
            http_route::answer(&self.http_routes, &peer, request.method(), request.uri().path()).await
        {
            return answer;
        }
        let path = request.uri().path().to_owned();
        let traceparent = trace::child(header(request.headers(), "traceparent"));
        let span = tracing::info_span!("call", method = path, %peer, trace = trace::trace_id(&traceparent));
        let metrics = self.metrics.clone();
        let outcome = self.serve(peer, traceparent, started, request).instrument(span.clone()).await;
        let (response, deadline) = outcome.unwrap_or_else(|status| (status.into_http(), started));
        let finished = move |code: Code| {
            let time = started.elapsed();
            metrics.call_finished(Role::Server, &path, code, time);
            span.in_scope(|| tracing::info!(?code, time_us = time.as_micros(), "call"));
        };
        // A trailers-only answer is over already.
        if response.headers().contains_key("grpc-status") {
            finished(code_of(response.headers()));
            return response;
        }
        let (head, body) = response.into_parts();
        Response::from_parts(head, Body::new(Watched::new(body, deadline, finished)))
    }

    /// The answer, and when its body must be over.
    async fn serve(
        &self,
        peer: SpiffeId,
        traceparent: String,
        started: Instant,
        mut request: Request<Incoming>,
    ) -> Result<(Response<Body>, Instant), Status> {
        let path = request.uri().path();
        let policy = PolicyTable::global()
            .method(path)
            .ok_or_else(|| Status::unimplemented("no such method: its contract is not known here"))?;
        authorize::check_peer(policy, &peer).inspect_err(|_| self.metrics.denied())?;
        let principal = authorize::principal(&peer, request.headers(), self.tokens.as_deref()).await?;
        let deadline = started + deadline::allowance(request.headers(), policy.deadline);
        let call = Call::new(peer, principal, policy, deadline, traceparent);
        if !call.may_enter() {
            self.metrics.denied();
            return Err(authorize::refusal(policy, &call.principal));
        }
        if policy.audit {
            tracing::info!(target: "audit", method = policy.path, principal = call.principal_key(), "audited call");
        }
        strip_private_headers(request.headers_mut());
        request.extensions_mut().insert(call.clone());
        let request = request.map(|body| limited(policy, body));
        let response = run::run(self.routes.clone(), &call, request).await?;
        if code_of(response.headers()) == Code::Ok && !call.scope_is_settled() {
            tracing::error!(
                method = policy.path,
                "the handler never named the resource; its answer is withheld"
            );
            return Err(Status::new(Code::Internal, "internal error"));
        }
        Ok((response, deadline))
    }
}

/// A stream has no total; every message of it is limited by the codec.
fn limited(policy: &MethodPolicy, body: Incoming) -> Body {
    if policy.client_streaming {
        return Body::new(body);
    }
    Body::new(Limited::new(body, if policy.is_public() { MAX_REQUEST } else { MAX_INTERNAL_REQUEST }))
}

/// Names that only our own layers may set.
fn strip_private_headers(headers: &mut HeaderMap) {
    let private: Vec<_> =
        headers.keys().filter(|name| name.as_str().starts_with("x-shopmesh-")).cloned().collect();
    for name in private {
        headers.remove(name);
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
