//! The answer of a unary call, held to its end: JSON, a body of its own kind, or the status.

use std::borrow::Cow;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
    response::Parts,
};
use http_body_util::BodyExt as _;
use shopmesh_json::google::rpc::Status;

use super::{
    frame::Decoder,
    head::set_content_type,
    status,
    transcoder::{Endpoint, Transcoder},
};
use crate::http::{
    HeldBody, Incomplete, LocalReply, Reservation, Response, code, collect_answer, full,
    percent_encode_message, put_challenge, put_details,
};

pub const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Turns a whole answer.
pub async fn respond(
    transcoder: &Transcoder,
    endpoint: &Endpoint,
    response: Response,
    limit: usize,
    mut held: Reservation,
) -> Response {
    let (mut head, body) = response.into_parts();
    let (body, trailers) = match collect_answer(body, limit, &mut held).await {
        Ok(whole) => whole,
        Err(Incomplete::TooLarge) => {
            let message = "the answer is larger than the edge may hold";
            return broken(head, StatusCode::INTERNAL_SERVER_ERROR, code::RESOURCE_EXHAUSTED, message);
        }
        Err(Incomplete::Shed(shed)) => return shed.reply().into_response(),
        Err(Incomplete::Broken | Incomplete::TooSlow) => {
            let message = "the answer did not arrive whole";
            return broken(head, StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, message);
        }
    };
    // A trailers-only answer has its status in the headers.
    let Some(status) = status::of(&trailers).or_else(|| status::of(&head.headers)) else {
        let message = "the upstream gave no status";
        return broken(head, StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, message);
    };
    keep_metadata(&mut head.headers, trailers);
    if status.code != 0 {
        return failed(transcoder, head, &status);
    }
    let damaged =
        |head, message: Cow<'static, str>| broken(head, StatusCode::BAD_GATEWAY, code::INTERNAL, message);
    let mut decoder = Decoder::default();
    decoder.push(body);
    let message = match decoder.next(limit) {
        Ok(Some(message)) if decoder.is_empty() => message,
        Ok(_) => return damaged(head, "the upstream did not send exactly one message".into()),
        Err(error) => return damaged(head, error.to_string().into()),
    };
    tell_status(&mut head.headers, &status);
    if endpoint.answers_http_body() {
        return match transcoder.http_body(endpoint, message) {
            Ok((content_type, data)) => answer(head, content_type, data, held),
            Err(problem) => damaged(head, problem.into()),
        };
    }
    // JSON is about twice as long as what it says.
    let mut text = Vec::with_capacity(2 * message.len() + 64);
    match transcoder.print(endpoint, &message, &transcoder.print.unary(), &mut text) {
        Ok(()) => answer(head, JSON, text.into(), held),
        Err(error) => damaged(head, error.to_string().into()),
    }
}

/// A call that failed: its HTTP status, and its status as JSON if the configuration says so.
pub fn failed(transcoder: &Transcoder, mut head: Parts, status: &Status) -> Response {
    head.status = status::http(status.code);
    // Told once: by the body, or else by headers.
    if transcoder.convert_grpc_status {
        remove_status(&mut head.headers);
    } else {
        tell_status(&mut head.headers, status);
    }
    let too_many = head.status == StatusCode::TOO_MANY_REQUESTS;
    if let Some(seconds) = status::retry_after(status).or_else(|| too_many.then_some(1)) {
        head.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    let body = if transcoder.convert_grpc_status { transcoder.print_status(status) } else { Vec::new() };
    set_content_type(&mut head.headers, JSON);
    if body.is_empty() {
        head.headers.remove(CONTENT_TYPE);
    }
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let mut response = Response::from_parts(head, full(body));
    put_challenge(&mut response);
    response
}

fn answer(mut head: Parts, content_type: HeaderValue, body: Bytes, mut held: Reservation) -> Response {
    if let Err(shed) = held.resize(body.len()) {
        return shed.reply().into_response();
    }
    set_content_type(&mut head.headers, content_type);
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(head, HeldBody::new(full(body), held).boxed_unsync())
}

/// Metadata of the trailers joins the headers: JSON clients see no trailers.
fn keep_metadata(headers: &mut HeaderMap, trailers: HeaderMap) {
    for (name, value) in &trailers {
        if !name.as_str().starts_with("grpc-") {
            headers.append(name, value.clone());
        }
    }
}

/// Code, message and details, as Envoy leaves them for clients that look.
fn tell_status(headers: &mut HeaderMap, status: &Status) {
    remove_status(headers);
    headers.insert("grpc-status", HeaderValue::from(status.code));
    if !status.message.is_empty() {
        headers.insert("grpc-message", percent_encode_message(&status.message));
    }
    put_details(status, headers);
}

fn remove_status(headers: &mut HeaderMap) {
    for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
        headers.remove(name);
    }
}

/// An answer that cannot be turned.
fn broken(mut head: Parts, status: StatusCode, code: i32, message: impl Into<Cow<'static, str>>) -> Response {
    remove_status(&mut head.headers);
    set_content_type(&mut head.headers, JSON);
    let reply = LocalReply::new(status, "grpc_json_transcode_response_failed", message).with_code(code);
    let mut response = reply.into_response();
    *response.headers_mut() = head.headers;
    response
}
