//! The way of one request through a server, step by step.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Request, Response, header::WWW_AUTHENTICATE};
use shopmesh_proto::{
    limits::FIELD_OVERHEAD,
    policy::{MethodPolicy, PolicyTable},
    status::error,
};
use tokio::time::Instant;
use tonic::{Code, Status, body::Body, service::Routes};
use tracing::Instrument;

use super::{
    authorize,
    body::{InCall, OneMessage},
    call::{Call, Principal},
    challenge, deadline, http_route, run,
    tokens::TokenVerifier,
};
use crate::{
    net::{RequestBody, limits, listener::Remote},
    observed_body::{Ended, ObservedBody, code_of},
    server::HttpRoute,
    telemetry::{Metrics, Role, trace},
    workload::{SpiffeId, peer_id},
};

/// The largest request of a method that users can reach, bytes.
const MAX_REQUEST: usize = 1024 * 1024;
/// The largest request of a method for operators and services only, bytes. tonic's decoders take 4 MiB unless their
/// service is built with more.
const MAX_INTERNAL_REQUEST: usize = 8 * 1024 * 1024;

/// What a server answers with.
pub struct Handler {
    pub routes: Routes,
    pub http_routes: Vec<HttpRoute>,
    pub tokens: Option<Arc<dyn TokenVerifier>>,
    pub metrics: Metrics,
}

impl Handler {
    /// Answers one request.
    pub async fn handle(
        self: Arc<Self>,
        remote: Arc<Remote>,
        request: Request<RequestBody>,
    ) -> Response<Body> {
        let started = Instant::now();
        // TLS has verified the certificate; a listener without TLS has no peers.
        let Some(peer) = remote.certificate.as_ref().and_then(peer_id) else {
            let problem = "this listener needs a client certificate";
            return error(Code::PermissionDenied, "CLIENT_CERTIFICATE_MISSING", problem).into_http();
        };
        let path = request.uri().path();
        if let Some(answer) = http_route::answer(&self.http_routes, &peer, request.method(), path).await {
            return answer;
        }
        let policy = PolicyTable::global().method(path);
        // What peers make up must not become a metric each.
        let method = policy.map_or("unknown", |policy| policy.path.as_str());
        let traceparent = trace::child(header(request.headers(), "traceparent"));
        let span = tracing::info_span!("call", method, %peer, trace = trace::trace_id(&traceparent));
        self.metrics.call_started(Role::Server, method);

        let admitted = self
            .admit(policy, peer.clone(), traceparent, started, request.headers())
            .instrument(span.clone())
            .await;
        let audited = policy
            .filter(|policy| policy.audit)
            .map(|_| (peer, admitted.as_ref().map_or_else(|_| "refused".to_owned(), Call::principal_key)));
        let metrics = self.metrics.clone();
        let finished = {
            let span = span.clone();
            move |code: Code| {
                let time = started.elapsed();
                metrics.call_finished(Role::Server, method, code, time);
                let _in = span.enter();
                tracing::info!(?code, time_us = time.as_micros(), "call");
                if let Some((peer, principal)) = audited {
                    tracing::info!(target: "audit", method, %peer, principal, ?code, "audited call");
                }
            }
        };
        let answered = match admitted {
            Ok(call) => self.answer(&call, request).instrument(span).await.map(|answer| (answer, call)),
            Err(status) => Err(status),
        };
        match answered {
            // A trailers-only answer is over already.
            Ok((answer, _)) if answer.headers().contains_key("grpc-status") => {
                finished(code_of(answer.headers()));
                challenging(answer)
            }
            Ok((answer, call)) => answer.map(|body| {
                let body = InCall::new(body, call.context(), &call.policy.path);
                Body::new(ObservedBody::new(body, call.deadline, finished).until(self.revoked(&call)))
            }),
            Err(status) => {
                finished(status.code());
                challenging(status.into_http())
            }
        }
    }

    /// Who calls, and whether the contract lets them in. What no contract describes is let in by none.
    async fn admit(
        &self,
        policy: Option<&'static MethodPolicy>,
        peer: SpiffeId,
        traceparent: String,
        started: Instant,
        headers: &HeaderMap,
    ) -> Result<Call, Status> {
        if !are_bearable(headers) {
            let problem = "the headers are larger than this service takes";
            return Err(error(Code::ResourceExhausted, "HEADERS_TOO_LARGE", problem));
        }
        let unknown = "no such method: no contract known here has it";
        let policy = policy.ok_or_else(|| error(Code::Unimplemented, "METHOD_UNKNOWN", unknown))?;
        authorize::check_peer(policy, &peer).inspect_err(|_| self.metrics.denied())?;
        let deadline = started + deadline::allowance(headers, policy.deadline);
        deadline::in_time(deadline)?;
        let principal = authorize::principal(&peer, headers, self.tokens.as_deref()).await?;
        let call = Call::new(peer, principal, policy, deadline, traceparent);
        if !call.may_enter() {
            self.metrics.denied();
            return Err(authorize::refusal(policy, &call.principal));
        }
        Ok(call)
    }

    /// When to end a stream before its time: a token that may be checked no more may be taken back.
    fn revoked(&self, call: &Call) -> Option<Ended> {
        let Principal::User(claims) = &call.principal else { return None };
        let revoked = self.tokens.as_ref().filter(|_| call.policy.server_streaming)?.revoked(claims);
        Some(Box::pin(async move {
            revoked.await;
            challenge::token_refused()
        }))
    }

    async fn answer(&self, call: &Call, mut request: Request<RequestBody>) -> Result<Response<Body>, Status> {
        // Again, since looking at a token may wait for keys: what is too late must not begin.
        deadline::in_time(call.deadline)?;
        strip_private_headers(request.headers_mut());
        request.extensions_mut().insert(call.clone());
        let request = request.map(|body| limited(call.policy, body));
        let answer = run::run(self.routes.clone(), call, request).await?;
        if code_of(answer.headers()) == Code::Ok && !call.scope_is_settled() {
            tracing::error!(
                method = call.policy.path,
                "the handler never named the resource; its answer is withheld"
            );
            return Err(run::internal());
        }
        Ok(answer)
    }
}

/// UNAUTHENTICATED says how to authenticate: where it becomes a 401, clients look for that (RFC 9110, 15.5.2).
fn challenging(mut answer: Response<Body>) -> Response<Body> {
    if code_of(answer.headers()) == Code::Unauthenticated {
        answer.headers_mut().entry(WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
    }
    answer
}

/// A stream has no total; every message of it is limited by the codec. Any other request is one message.
fn limited(policy: &MethodPolicy, body: RequestBody) -> Body {
    if policy.client_streaming {
        return Body::new(body);
    }
    Body::new(OneMessage::new(body, if policy.is_public() { MAX_REQUEST } else { MAX_INTERNAL_REQUEST }))
}

/// Whether headers are within the limit; HTTP/2 is told a higher one, so that this is an answer.
fn are_bearable(headers: &HeaderMap) -> bool {
    let number = |bytes| usize::try_from(bytes).unwrap_or(usize::MAX);
    let overhead = number(FIELD_OVERHEAD);
    let sizes = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + overhead);
    sizes.sum::<usize>() <= number(limits::MAX_HEADER_BYTES)
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
