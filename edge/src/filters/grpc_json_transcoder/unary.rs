//! The answer of a unary call, held to its end: JSON, a body of its own kind, or the status.

use super::{
    collect::collect,
    filter::{json_headers, with_body},
    frame::Decoder,
    status,
    transcoder::Transcoder,
};
use crate::filters::{LocalReply, Response, code};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
    response::Parts,
};
use prost::Message;
use prost_reflect::MethodDescriptor;
use shopmesh_proto::{google::api::HttpBody, json};
use tonic_types::pb::Status;

/// Turns a whole answer.
pub async fn respond(
    transcoder: &Transcoder,
    method: &MethodDescriptor,
    response: Response,
    limit: usize,
    own_body: bool,
) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok((body, trailers)) = collect(body, limit).await else {
        let message = "the answer did not arrive whole, or is larger than the edge may hold";
        return broken(head, StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, message);
    };
    // A trailers-only answer has its status in the headers.
    let Some(status) = status::of(&trailers).or_else(|| status::of(&head.headers)) else {
        return broken(
            head,
            StatusCode::SERVICE_UNAVAILABLE,
            code::UNAVAILABLE,
            "the upstream gave no status",
        );
    };
    keep_metadata(&mut head.headers, trailers);
    tell_status(&mut head.headers, &status);
    if status.code != 0 {
        return failed(transcoder, head, &status);
    }
    let mut decoder = Decoder::default();
    decoder.push(&body);
    match decoder.next(limit) {
        Ok(Some(_)) if !decoder.is_empty() => {
            broken(head, StatusCode::BAD_GATEWAY, code::INTERNAL, "the upstream sent more than one message")
        }
        Ok(Some(message)) if own_body => raw(head, message),
        Ok(Some(message)) => match json::to_json(&method.output(), &message, transcoder.print_options()) {
            Ok(text) => {
                json_headers(&mut head.headers, "application/json");
                with_body(head, text.into())
            }
            Err(error) => broken(head, StatusCode::BAD_GATEWAY, code::INTERNAL, error.to_string()),
        },
        Ok(None) => {
            broken(head, StatusCode::BAD_GATEWAY, code::INTERNAL, "the upstream sent no whole message")
        }
        Err(error) => broken(head, StatusCode::BAD_GATEWAY, code::INTERNAL, error.to_string()),
    }
}

/// An HttpBody is the answer itself.
fn raw(mut head: Parts, message: Bytes) -> Response {
    let Ok(body) = HttpBody::decode(message) else {
        return broken(
            head,
            StatusCode::BAD_GATEWAY,
            code::INTERNAL,
            "the upstream sent no google.api.HttpBody",
        );
    };
    json_headers(&mut head.headers, "application/octet-stream");
    if let Ok(kind) = HeaderValue::try_from(&body.content_type) {
        head.headers.insert(CONTENT_TYPE, kind);
    }
    with_body(head, body.data)
}

/// A call that failed: its HTTP status, and its status as JSON if the configuration says so.
pub fn failed(transcoder: &Transcoder, mut head: Parts, status: &Status) -> Response {
    head.status = status::http(status.code);
    json_headers(&mut head.headers, "application/json");
    if let Some(seconds) = status::retry_after(status) {
        head.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    let body = if transcoder.convert_grpc_status { json::status_to_json(status) } else { Vec::new() };
    with_body(head, body.into())
}

/// Metadata of the trailers joins the headers: JSON clients see no trailers.
fn keep_metadata(headers: &mut HeaderMap, trailers: HeaderMap) {
    for (name, value) in &trailers {
        if !name.as_str().starts_with("grpc-") {
            headers.append(name, value.clone());
        }
    }
}

/// Code and message, as Envoy leaves them for clients that look; the details are in the body.
fn tell_status(headers: &mut HeaderMap, status: &Status) {
    headers.remove("grpc-status-details-bin");
    headers.insert("grpc-status", HeaderValue::from(status.code));
    if status.message.is_empty() {
        headers.remove("grpc-message");
    } else {
        headers.insert("grpc-message", crate::filters::percent_encode_message(&status.message));
    }
}

fn broken(
    head: Parts,
    status: StatusCode,
    code: i32,
    message: impl Into<std::borrow::Cow<'static, str>>,
) -> Response {
    let reply = LocalReply::new(status, "grpc_json_transcode_response_failed", message).with_code(code);
    let mut response = reply.into_response();
    response.headers_mut().extend(head.headers);
    response
}
