//! Forwards a request to its cluster, or answers as the route says.

use std::time::Duration;

use http::{
    HeaderValue, StatusCode, Uri,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, HOST},
};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use shopmesh_net::{
    pool::{PoolError, PooledBody},
    retry_buffer::BufferQuota,
};
use tokio::time::Instant;

use super::{
    deadline::{Deadline, DeadlineBody},
    request_body::{ClientAbort, RequestBody},
};
use crate::{
    clusters::UpstreamError,
    filters::api::{BoxFuture, Exchange, Filter, FilterFactory, Flow},
    http::{
        ClientProtocol, Incomplete, LocalReply, Request, Response, code, collect_request, empty, full,
        grpc_code_of_http, is_grpc, strip_hop_by_hop,
    },
    routing::{Action, Forward, Route, direct},
};

/// Bytes of a body that is collected before it is sent.
const SMALL: u64 = 64 * 1024;

pub struct RouterFactory;

impl FilterFactory for RouterFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(Router)
    }
}

struct Router;

impl Filter for Router {
    fn on_request<'a>(&'a mut self, request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        Box::pin(async move {
            let Some(route) = exchange.route().cloned() else {
                let reply = LocalReply::new(StatusCode::NOT_FOUND, "route_not_found", "no route");
                return Flow::Respond(reply.into_response());
            };
            Flow::Respond(match &route.action {
                Action::Forward(forward) => {
                    let answer = match whole_if_small(request, exchange).await {
                        Ok(request) => send(request, &route, forward, exchange).await,
                        Err(incomplete) => incomplete.of_request().into_response(),
                    };
                    match exchange.client_protocol {
                        ClientProtocol::Grpc => in_grpc(answer),
                        // Their own filters see to it.
                        ClientProtocol::GrpcWeb { .. } | ClientProtocol::Http => answer,
                    }
                }
                Action::Redirect(redirect) => {
                    redirect.response(&route.matcher, request.uri()).unwrap_or_else(|| {
                        LocalReply::new(StatusCode::BAD_REQUEST, "bad_redirect", "no valid location")
                            .into_response()
                    })
                }
                Action::Direct(status, body) => direct(*status, body),
            })
        })
    }

    /// The first filter to see any answer, the edge's own included, so the route's headers are on all of them.
    fn on_response<'a>(
        &'a mut self,
        mut response: Response,
        exchange: &'a mut Exchange,
    ) -> BoxFuture<'a, Response> {
        if let Some(route) = exchange.route() {
            route.change_response_headers(response.headers_mut());
        }
        Box::pin(std::future::ready(response))
    }
}

/// What is short and of known length is complete before anything is sent, so that its failure is told as such.
async fn whole_if_small(request: Request, exchange: &mut Exchange) -> Result<Request, Incomplete> {
    let is_small = request.body().size_hint().exact().is_some_and(|size| size <= SMALL);
    if exchange.held.is_some() || request.body().is_end_stream() || !is_small {
        return Ok(request);
    }
    let (head, body) = request.into_parts();
    let limit = usize::try_from(SMALL).unwrap_or(usize::MAX);
    let mut held = exchange.account.for_request(limit);
    let body = collect_request(body, limit, exchange.body_time, &mut held).await?;
    exchange.held = Some(held);
    Ok(Request::from_parts(head, full(body)))
}

async fn send(request: Request, route: &Route, forward: &Forward, exchange: &Exchange) -> Response {
    let start = Instant::now();
    let (mut head, body) = request.into_parts();
    let limit = forward.timeouts.limit(&head.headers);
    let grpc = is_grpc(&head.headers);
    route.change_request_headers(&mut head.headers);
    let Some(uri) = upstream_uri(&head.uri, route, forward) else {
        return LocalReply::new(StatusCode::BAD_REQUEST, "bad_uri", "no valid target").into_response();
    };
    head.uri = uri;
    head.version = http::Version::HTTP_2;
    head.headers.remove(HOST);
    match limit {
        // As a `grpc-timeout` of 0: it was over before it came here.
        Some(Duration::ZERO) => return timed_out(),
        Some(limit) if grpc => {
            head.headers.insert("grpc-timeout", grpc_timeout(limit));
        }
        _ => {
            head.headers.remove("grpc-timeout");
        }
    }
    let deadline = limit.and_then(|limit| Deadline::after(start, limit));
    // What is whole neither breaks off nor counts again.
    let streams = exchange.held.is_none() && !body.is_end_stream();
    let quota = streams
        .then(|| Box::new(exchange.account.for_request(exchange.buffer_limit)) as Box<dyn BufferQuota>);
    let (body, client_abort) =
        if streams { RequestBody::watch(body) } else { (body, ClientAbort::default()) };
    let answer = forward.cluster.send(Request::from_parts(head, body), quota);
    let answer = match deadline {
        Some(deadline) => match tokio::time::timeout_at(deadline.edge_limit(), answer).await {
            Ok(answer) => answer,
            Err(_) => return timed_out(),
        },
        None => answer.await,
    };
    match answer {
        Ok(response) => downstream_response(response, deadline),
        Err(_) if client_abort.happened() => Incomplete::Broken.of_request().into_response(),
        Err(error) if deadline.is_some_and(Deadline::is_reached) => {
            tracing::debug!(%error, "upstream broke off at the deadline");
            timed_out()
        }
        Err(error) => failed(&forward.cluster.name, &error),
    }
}

fn upstream_uri(uri: &Uri, route: &Route, forward: &Forward) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(forward.rewrite(&route.matcher, uri));
    parts.scheme = Some(forward.cluster.scheme());
    if let Some(host) = &forward.host_rewrite {
        parts.authority = Some(host.clone());
    }
    Uri::from_parts(parts).ok()
}

/// At most eight digits, in milliseconds where that suffices.
fn grpc_timeout(limit: Duration) -> HeaderValue {
    let text = match u64::try_from(limit.as_millis()) {
        Ok(0) => format!("{}n", limit.as_nanos()),
        Ok(millis) if millis < 100_000_000 => format!("{millis}m"),
        _ => format!("{}S", limit.as_secs().min(99_999_999)),
    };
    HeaderValue::try_from(text).expect("digits and a letter")
}

fn downstream_response(response: http::Response<PooledBody>, deadline: Option<Deadline>) -> Response {
    let (mut head, body) = response.into_parts();
    strip_hop_by_hop(&mut head.headers);
    let body = body.map_err(Into::into).boxed_unsync();
    let grpc = is_grpc(&head.headers);
    if grpc {
        head.headers.remove(CONTENT_LENGTH);
    }
    let Some(deadline) = deadline else { return Response::from_parts(head, body) };
    if grpc && deadline.explains(&head.headers) {
        return timed_out();
    }
    // With a status in its head an answer of gRPC is over.
    if grpc && head.headers.contains_key("grpc-status") {
        return Response::from_parts(head, body);
    }
    Response::from_parts(head, DeadlineBody::new(body, deadline, grpc).boxed_unsync())
}

/// What a gRPC client is told of an answer that is not gRPC, such as a proxy's page (`http-grpc-status-mapping.md`).
fn in_grpc(answer: Response) -> Response {
    let speaks_grpc = match answer.status() {
        StatusCode::OK => is_grpc(answer.headers()),
        _ => answer.headers().contains_key("grpc-status"),
    };
    if speaks_grpc || answer.extensions().get::<LocalReply>().is_some() {
        return answer;
    }
    let (mut head, _) = answer.into_parts();
    head.headers.remove(CONTENT_ENCODING);
    let message = format!("the service answered with HTTP {}, not with gRPC", head.status.as_u16());
    let reply =
        LocalReply::new(head.status, "upstream_not_grpc", message).with_code(grpc_code_of_http(head.status));
    head.extensions.insert(reply);
    Response::from_parts(head, empty())
}

fn timed_out() -> Response {
    LocalReply::new(StatusCode::GATEWAY_TIMEOUT, "upstream_response_timeout", "upstream response timeout")
        .with_code(code::DEADLINE_EXCEEDED)
        .into_response()
}

/// The client learns that it may retry, the log why.
fn failed(cluster: &str, error: &UpstreamError) -> Response {
    tracing::warn!(cluster, %error, "no answer from upstream");
    let (reason, message) = match error {
        UpstreamError::NoEndpoint => ("no_healthy_upstream", "no healthy upstream"),
        UpstreamError::Pool(PoolError::Connect { .. }) => {
            ("upstream_connect_failure", "upstream connect error")
        }
        UpstreamError::Pool(_) => ("upstream_reset", "upstream connection was reset before headers"),
    };
    LocalReply::new(StatusCode::SERVICE_UNAVAILABLE, reason, message).into_response()
}
