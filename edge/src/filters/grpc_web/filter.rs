//! Turns a gRPC-Web request into a gRPC one and the answer back.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, TE},
};
use http_body_util::BodyExt as _;

use super::{
    base64_stream::{DecodedBody, Decoder},
    response_body::WebBody,
};
use crate::{
    filters::api::{BoxFuture, Exchange, Filter, FilterFactory, Flow},
    http::{ClientProtocol, LocalReply, Request, Response, empty, grpc_code_of_http, is_grpc},
};

const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
/// How much of a foreign answer's body is told as `grpc-message`.
const MAX_MESSAGE: usize = 16 * 1024;

pub struct GrpcWebFactory;

impl FilterFactory for GrpcWebFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(GrpcWeb { text: None, malformed: Arc::default() })
    }
}

struct GrpcWeb {
    /// Some for a gRPC-Web request; whether its answer is base64.
    text: Option<bool>,
    malformed: Arc<AtomicBool>,
}

impl Filter for GrpcWeb {
    fn on_request<'a>(&'a mut self, mut request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        // Read anew rather than from the exchange: an earlier filter may have changed the request.
        if let ClientProtocol::GrpcWeb { text } = ClientProtocol::of(request.headers()) {
            exchange.client_protocol = ClientProtocol::GrpcWeb { text };
            self.text = Some(text);
            request = self.to_grpc(request);
        }
        Box::pin(std::future::ready(Flow::Continue(request)))
    }

    fn on_response<'a>(&'a mut self, response: Response, _: &'a mut Exchange) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            let Some(text) = self.text else { return response };
            if self.malformed.load(Ordering::Relaxed) {
                let message = "the body is not base64 text in quanta of four characters";
                return LocalReply::new(StatusCode::BAD_REQUEST, "grpc_base_64_decode_failed", message)
                    .into_response();
            }
            if response.extensions().get::<LocalReply>().is_some() {
                return response;
            }
            if response.status() == StatusCode::OK && is_grpc(response.headers()) {
                return to_web(response, text);
            }
            tell_as_status(response).await
        })
    }
}

impl GrpcWeb {
    fn to_grpc(&self, request: Request) -> Request {
        let (mut head, body) = request.into_parts();
        let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let text_request = content_type.to_ascii_lowercase().starts_with(b"application/grpc-web-text");
        head.headers.remove(CONTENT_LENGTH);
        head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        head.headers.insert(TE, HeaderValue::from_static("trailers"));
        head.headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
        if !text_request {
            return Request::from_parts(head, body);
        }
        let body =
            DecodedBody { inner: body, decoder: Decoder::default(), malformed: self.malformed.clone() };
        Request::from_parts(head, body.boxed_unsync())
    }
}

fn to_web(response: Response, text: bool) -> Response {
    let (mut head, inner) = response.into_parts();
    let kind = if text { "application/grpc-web-text+proto" } else { "application/grpc-web+proto" };
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, WebBody { inner, text, done: false }.boxed_unsync())
}

/// An answer that is not gRPC, told in gRPC's terms: its body becomes the message.
async fn tell_as_status(response: Response) -> Response {
    let (mut head, mut body) = response.into_parts();
    let mut text = Vec::new();
    while text.len() < MAX_MESSAGE
        && let Some(Ok(frame)) = body.frame().await
    {
        text.extend_from_slice(frame.data_ref().map(Bytes::as_ref).unwrap_or_default());
    }
    text.truncate(MAX_MESSAGE);
    let message = String::from_utf8_lossy(&text).into_owned();
    let reply = LocalReply::new(head.status, "grpc_web_upstream_not_grpc", message)
        .with_code(grpc_code_of_http(head.status));
    head.extensions.insert(reply);
    Response::from_parts(head, empty())
}
