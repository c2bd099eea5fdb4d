//! Answers made by the edge itself, in one form until the end of the filter chain and then written in the client's own protocol:
//! gRPC (trailers-only), gRPC-Web, or JSON (`google.rpc.Status`, as the services' own errors reach REST clients).

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use prost::Message as _;
use shopmesh_json::{
    JsonCodec, PrintOptions,
    google::rpc::{RetryInfo, Status},
};

use super::{
    body::{Response, empty, full},
    grpc::{GRPC_MESSAGE, GRPC_STATUS, code, grpc_code_of_http, percent_encode_message, put_details},
};

/// The google.rpc code that REST clients expect beside an HTTP status (google/rpc/code.proto, read backwards). gRPC reads some of them
/// otherwise: a 404 tells a gRPC client that there is no such method.
fn json_code_of_http(status: StatusCode) -> i32 {
    match status.as_u16() {
        400 | 405 | 406 | 411 | 414 | 415 | 431 => code::INVALID_ARGUMENT,
        404 => code::NOT_FOUND,
        408 | 504 => code::DEADLINE_EXCEEDED,
        413 | 429 => code::RESOURCE_EXHAUSTED,
        500 => code::INTERNAL,
        501 => code::UNIMPLEMENTED,
        _ => grpc_code_of_http(status),
    }
}

/// How the client that sent a request wants to be answered; decided from the request as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientProtocol {
    /// `application/grpc*`: trailers-only.
    Grpc,
    /// `application/grpc-web*`; `text` if it accepts only the base64 form.
    GrpcWeb {
        /// Base64 bodies.
        text: bool,
    },
    /// Anything else.
    Http,
}

impl ClientProtocol {
    /// Reads content-type and accept.
    pub fn of(headers: &HeaderMap) -> Self {
        let value = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default();
        let content_type = value(CONTENT_TYPE).to_ascii_lowercase();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        match media_type {
            "application/grpc-web"
            | "application/grpc-web+proto"
            | "application/grpc-web-text"
            | "application/grpc-web-text+proto" => Self::GrpcWeb {
                text: value(ACCEPT).to_ascii_lowercase().starts_with("application/grpc-web-text"),
            },
            other if other == "application/grpc" || other.starts_with("application/grpc+") => Self::Grpc,
            _ => Self::Http,
        }
    }
}

/// An answer of the edge's own. Travels the chain as an extension of a response without body.
#[derive(Clone, Debug)]
pub struct LocalReply {
    /// For HTTP and gRPC-Web clients.
    pub status: StatusCode,
    /// google.rpc code; none is the one implied by `status`.
    pub code: Option<i32>,
    /// For the client's developer: no inner text.
    pub message: Cow<'static, str>,
    /// google.rpc error details.
    pub details: Vec<prost_types::Any>,
    /// Why, for logs and counters, such as `route_not_found` (Envoy's RESPONSE_CODE_DETAILS).
    pub reason: &'static str,
    retry_after: Option<Duration>,
}

impl LocalReply {
    /// A reply with the code implied by `status`; see [`Self::with_code`].
    pub fn new(status: StatusCode, reason: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: None, message: message.into(), details: Vec::new(), reason, retry_after: None }
    }

    /// Another code than the one implied by the HTTP status.
    #[must_use]
    pub fn with_code(mut self, code: i32) -> Self {
        self.code = Some(code);
        self
    }

    /// Adds a google.rpc error detail.
    #[must_use]
    pub fn with_detail(mut self, detail: prost_types::Any) -> Self {
        self.details.push(detail);
        self
    }

    /// Says when to try again, in `retry-after` and in RetryInfo.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        let info = RetryInfo { retry_delay: prost_types::Duration::try_from(after).ok() };
        self.with_detail(prost_types::Any {
            type_url: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
            value: info.encode_to_vec(),
        })
    }

    /// The form in which the reply passes the rest of the chain. Headers put on it reach the client.
    pub fn into_response(self) -> Response {
        let mut response = Response::new(empty());
        *response.status_mut() = self.status;
        if let Some(after) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(ceil_seconds(after)));
        }
        response.extensions_mut().insert(self);
        response
    }

    /// Writes the reply for `client` into `response`, whose headers are kept.
    pub fn render(self, client: ClientProtocol, response: &mut Response) {
        *response.status_mut() = if client == ClientProtocol::Grpc { StatusCode::OK } else { self.status };
        *response.body_mut() = empty();
        put_challenge(response);
        let headers = response.headers_mut();
        headers.remove(CONTENT_LENGTH);
        match client {
            ClientProtocol::Grpc => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
                self.put_status(headers);
            }
            ClientProtocol::GrpcWeb { text } => {
                let kind =
                    if text { "application/grpc-web-text+proto" } else { "application/grpc-web+proto" };
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
                self.put_status(headers);
            }
            ClientProtocol::Http => {
                if self.status.is_success() || self.status.is_redirection() {
                    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
                    return;
                }
                let body = self.to_json();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
                *response.body_mut() = full(body);
            }
        }
    }

    fn grpc_code(&self) -> i32 {
        self.code.unwrap_or_else(|| grpc_code_of_http(self.status))
    }

    fn json_code(&self) -> i32 {
        self.code.unwrap_or_else(|| json_code_of_http(self.status))
    }

    fn put_status(&self, headers: &mut HeaderMap) {
        headers.insert(GRPC_STATUS, HeaderValue::from(self.grpc_code()));
        headers.insert(GRPC_MESSAGE, percent_encode_message(&self.message));
        put_details(&self.to_status(), headers);
    }

    fn to_status(&self) -> Status {
        Status { code: self.grpc_code(), message: self.message.to_string(), details: self.details.clone() }
    }

    fn to_json(&self) -> Bytes {
        let status = Status { code: self.json_code(), ..self.to_status() };
        JsonCodec::google().status_to_json(&status, &PrintOptions::default()).into()
    }
}

/// `retry-after` has whole seconds; rounding down would invite a refusal.
pub fn ceil_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// A 401 says how to authenticate (RFC 9110 section 15.5.2), be it only that a token is wanted (RFC 6750 section 3): some clients fail
/// over one that does not.
pub fn put_challenge<B>(response: &mut http::Response<B>) {
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().entry(WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn reply() -> LocalReply {
        LocalReply::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "slow down\n100%")
            .with_code(code::RESOURCE_EXHAUSTED)
    }

    fn rendered(client: ClientProtocol) -> Response {
        let reply = reply();
        let mut response = reply.clone().into_response();
        response.headers_mut().insert("access-control-allow-origin", HeaderValue::from_static("*"));
        reply.render(client, &mut response);
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        response
    }

    #[test]
    fn grpc_clients_get_trailers_only() {
        let response = rendered(ClientProtocol::Grpc);
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[GRPC_STATUS], "8");
        assert_eq!(response.headers()[GRPC_MESSAGE], "slow down%0A100%25");
    }

    #[tokio::test]
    async fn http_clients_get_status_json() {
        let response = rendered(ClientProtocol::Http);
        assert_eq!(response.status(), 429);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, serde_json::json!({"code": 8, "message": "slow down\n100%", "details": []}));
    }

    #[test]
    fn protocol_is_read_from_the_content_type() {
        let of = |content_type: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::try_from(content_type).unwrap());
            ClientProtocol::of(&headers)
        };
        assert_eq!(of("application/grpc+proto"), ClientProtocol::Grpc);
        assert_eq!(of("Application/gRPC-Web+proto; charset=x"), ClientProtocol::GrpcWeb { text: false });
        assert_eq!(of("application/grpcx"), ClientProtocol::Http);
        assert_eq!(ClientProtocol::of(&HeaderMap::new()), ClientProtocol::Http);
    }
}
