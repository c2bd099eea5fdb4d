//! The filter: takes REST requests out of the stream of others, and turns their answers back.

use super::{
    collect::{Incomplete, collect},
    frame,
    stream::JsonStream,
    transcoder::{Call, Transcoder, Understood, answers_http_body, not_found},
    unary,
};
use crate::{
    connection_manager::Exchange,
    filters::{BoxFuture, Filter, FilterFactory, Flow, LocalReply, Request, Response, code, full},
    routing::is_grpc,
};
use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, TE},
};
use prost_reflect::MethodDescriptor;
use std::sync::Arc;

const ORIGINAL_PATH: HeaderName = HeaderName::from_static("x-envoy-original-path");
const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-envoy-original-method");
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

pub struct TranscoderFactory {
    pub name: Arc<str>,
    pub transcoder: Arc<Transcoder>,
}

impl FilterFactory for TranscoderFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(GrpcJsonTranscoder {
            name: self.name.clone(),
            transcoder: self.transcoder.clone(),
            method: None,
        })
    }
}

struct GrpcJsonTranscoder {
    name: Arc<str>,
    transcoder: Arc<Transcoder>,
    /// Set once a request was transcoded.
    method: Option<MethodDescriptor>,
}

impl Filter for GrpcJsonTranscoder {
    fn on_request<'a>(&'a mut self, request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        Box::pin(async move {
            if is_grpc(request.headers()) {
                return Flow::Continue(request);
            }
            if let Some(own) = exchange.per_route_config::<Arc<Transcoder>>(&self.name) {
                self.transcoder = own.clone();
            }
            match self.transcoder.understand(request.method(), request.uri()) {
                Understood::Rpc => {}
                _ if !self.transcoder.reject_unknown_method => return Flow::Continue(request),
                Understood::Unknown => return Flow::Respond(not_found().into_response()),
                Understood::WrongMethod(methods) => return Flow::Respond(wrong_method(&methods)),
            }
            match self.transcode(request, exchange).await {
                Ok(request) => Flow::Continue(request),
                Err(reply) => Flow::Respond(reply.into_response()),
            }
        })
    }

    fn on_response<'a>(
        &'a mut self,
        response: Response,
        exchange: &'a mut Exchange,
    ) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            let Some(method) = self.method.take() else { return response };
            let foreign = response.status() != StatusCode::OK || !is_grpc(response.headers());
            if foreign || response.extensions().get::<LocalReply>().is_some() {
                return response;
            }
            let limit = self.transcoder.max_response.unwrap_or(exchange.buffer_limit);
            if method.is_server_streaming() {
                JsonStream::respond(self.transcoder.clone(), method, response, limit)
            } else {
                unary::respond(&self.transcoder, &method, response, limit, answers_http_body(&method)).await
            }
        })
    }
}

impl GrpcJsonTranscoder {
    async fn transcode(&mut self, request: Request, exchange: &mut Exchange) -> Result<Request, LocalReply> {
        let limit = self.transcoder.max_request.unwrap_or(exchange.buffer_limit);
        let (mut head, body) = request.into_parts();
        let (body, _) = collect(body, limit).await.map_err(unreadable)?;
        let Call { method, message } = self.transcoder.call(&head.method, &head.uri, &body)?;
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let invalid = || LocalReply::new(StatusCode::BAD_REQUEST, "bad_uri", "no valid path");
        let mut uri = std::mem::take(&mut head.uri).into_parts();
        let original = uri.path_and_query.replace(path.parse().map_err(|_| invalid())?);
        head.uri = Uri::from_parts(uri)
            .map_err(|_| LocalReply::new(StatusCode::BAD_REQUEST, "bad_uri", "no valid path"))?;
        if let Some(original) = original.and_then(|original| HeaderValue::try_from(original.as_str()).ok()) {
            head.headers.insert(ORIGINAL_PATH, original);
        }
        if let Ok(original) = HeaderValue::try_from(head.method.as_str()) {
            head.headers.insert(ORIGINAL_METHOD, original);
        }
        head.method = Method::POST;
        head.headers.remove(CONTENT_LENGTH);
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        head.headers.insert(TE, HeaderValue::from_static("trailers"));
        // Messages are read here, so they must come as they are.
        head.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        exchange.clear_route_cache();
        self.method = Some(method);
        Ok(Request::from_parts(head, full(frame::encode(&message))))
    }
}

fn unreadable(why: Incomplete) -> LocalReply {
    match why {
        Incomplete::TooLarge => {
            let message = "the body is larger than the edge takes";
            LocalReply::new(StatusCode::PAYLOAD_TOO_LARGE, "request_payload_too_large", message)
                .with_code(code::RESOURCE_EXHAUSTED)
        }
        Incomplete::Broken => {
            LocalReply::new(StatusCode::BAD_REQUEST, "request_body_broken", "the body did not arrive whole")
                .with_code(code::INVALID_ARGUMENT)
        }
    }
}

fn wrong_method(methods: &str) -> Response {
    let message = format!("this path takes {methods}");
    let reply =
        LocalReply::new(StatusCode::METHOD_NOT_ALLOWED, "grpc_json_transcode_method_not_allowed", message);
    let mut response = reply.with_code(code::UNIMPLEMENTED).into_response();
    if let Ok(methods) = HeaderValue::try_from(methods) {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}

/// Headers of a JSON answer: what spoke of the gRPC body is gone.
pub(super) fn json_headers(headers: &mut http::HeaderMap, content_type: &'static str) {
    headers.remove(CONTENT_LENGTH);
    headers.remove("grpc-encoding");
    headers.remove("grpc-accept-encoding");
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
}

/// A body of these bytes, with its length.
pub(super) fn with_body(mut response: http::response::Parts, body: Bytes) -> Response {
    response.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(response, full(body))
}
