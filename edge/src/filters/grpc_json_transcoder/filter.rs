//! The filter: takes REST requests out of the stream of others, and turns their answers back.

use std::sync::Arc;

use http::{
    HeaderValue, StatusCode,
    header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE},
};

use super::{
    head::point_at,
    stream::{self, StreamFormat},
    transcoder::{Call, Endpoint, RequestMatch, Transcoder, not_found},
    unary,
};
use crate::{
    filters::api::{BoxFuture, Exchange, Filter, FilterFactory, Flow},
    http::{Incomplete, LocalReply, Request, Response, code, collect_request, full, is_grpc},
};

const NOT_JSON: &str = "the body must be application/json";

pub struct TranscoderFactory {
    pub name: Arc<str>,
    pub transcoder: Arc<Transcoder>,
}

impl FilterFactory for TranscoderFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(GrpcJsonTranscoder {
            name: self.name.clone(),
            transcoder: self.transcoder.clone(),
            transcoded: None,
            pending: None,
        })
    }
}

struct GrpcJsonTranscoder {
    name: Arc<str>,
    transcoder: Arc<Transcoder>,
    /// Set once a request was transcoded: what it called, and how it wants a stream.
    transcoded: Option<(Arc<Endpoint>, StreamFormat)>,
    /// The call whose body is still to be read.
    pending: Option<PendingBody>,
}

struct PendingBody {
    call: Call,
    content_type: Option<String>,
    limit: usize,
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
            let call = match self.transcoder.match_request(request.method(), request.uri()) {
                RequestMatch::Rpc(call) => call,
                RequestMatch::Invalid(reply) => return Flow::Respond(reply.into_response()),
                _ if !self.transcoder.reject_unknown_method => return Flow::Continue(request),
                RequestMatch::Unknown => return Flow::Respond(not_found().into_response()),
                RequestMatch::WrongMethod(methods) => return Flow::Respond(wrong_method(&methods)),
            };
            match self.transcode_head(request, call, exchange) {
                Ok(request) => Flow::Continue(request),
                Err(reply) => Flow::Respond(reply.into_response()),
            }
        })
    }

    fn wants_body(&self) -> bool {
        self.pending.is_some()
    }

    fn on_body<'a>(&'a mut self, request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        Box::pin(async move {
            let Some(pending) = self.pending.take() else { return Flow::Continue(request) };
            match self.transcode_body(request, pending, exchange).await {
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
            let Some((endpoint, format)) = self.transcoded.take() else { return response };
            // A status alone may come with any HTTP status, as from a proxy that limits rates.
            let is_status = response.headers().contains_key("grpc-status");
            let foreign = !is_status && (response.status() != StatusCode::OK || !is_grpc(response.headers()));
            if foreign || response.extensions().get::<LocalReply>().is_some() {
                return response;
            }
            let limit = self.transcoder.max_response.unwrap_or(exchange.buffer_limit);
            let held = exchange.account.for_answer(limit);
            if endpoint.server_streaming {
                stream::respond(self.transcoder.clone(), endpoint, response, format, limit, held).await
            } else {
                unary::respond(&self.transcoder, &endpoint, response, limit, held).await
            }
        })
    }
}

impl GrpcJsonTranscoder {
    /// Makes a call of the head, and refuses what it alone shows to be wrong.
    fn transcode_head(
        &mut self,
        request: Request,
        call: Call,
        exchange: &mut Exchange,
    ) -> Result<Request, LocalReply> {
        let (mut head, body) = request.into_parts();
        if head.headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(unsupported("the body must not be compressed"));
        }
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let limit = self.transcoder.max_request.unwrap_or(exchange.buffer_limit);
        let announced = http_body::Body::size_hint(&body).lower();
        if announced > u64::try_from(limit).unwrap_or(u64::MAX) {
            return Err(Incomplete::TooLarge.of_request());
        }
        if announced > 0 && !self.transcoder.takes(&call, content_type.as_deref()) {
            return Err(unsupported(NOT_JSON));
        }
        let format = stream::format(&head.headers, self.transcoder.print);
        point_at(&mut head, &call.endpoint)?;
        if !self.transcoder.keep_route {
            exchange.clear_route_cache();
        }
        self.transcoded = Some((call.endpoint.clone(), format));
        self.pending = Some(PendingBody { call, content_type, limit });
        Ok(Request::from_parts(head, body))
    }

    /// Makes messages of the body.
    async fn transcode_body(
        &self,
        request: Request,
        pending: PendingBody,
        exchange: &mut Exchange,
    ) -> Result<Request, LocalReply> {
        let PendingBody { call, content_type, limit } = pending;
        let (head, body) = request.into_parts();
        let mut held = exchange.account.for_request(limit);
        let body = collect_request(body, limit, exchange.body_time, &mut held).await;
        let body = body.map_err(Incomplete::of_request)?;
        if !body.is_empty() && !self.transcoder.takes(&call, content_type.as_deref()) {
            return Err(unsupported(NOT_JSON));
        }
        let frames = self.transcoder.frames(&call, content_type.as_deref().unwrap_or_default(), &body)?;
        drop(body);
        held.resize(frames.len()).map_err(|shed| shed.reply())?;
        exchange.held = Some(held);
        Ok(Request::from_parts(head, full(frames)))
    }
}

fn unsupported(message: &'static str) -> LocalReply {
    LocalReply::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "grpc_json_transcode_media_type", message)
        .with_code(code::INVALID_ARGUMENT)
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
