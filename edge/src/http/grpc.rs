//! What of gRPC over HTTP/2 the edge says and reads in headers.

use base64::Engine as _;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use prost::Message as _;
use shopmesh_json::google::rpc::Status;

/// `grpc-status`
pub const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// `grpc-message`
pub const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// `grpc-status-details-bin`
pub const GRPC_STATUS_DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");

/// gRPC's status codes that the edge itself uses (google.rpc.Code).
pub mod code {
    #![allow(missing_docs)]
    pub const CANCELLED: i32 = 1;
    pub const UNKNOWN: i32 = 2;
    pub const INVALID_ARGUMENT: i32 = 3;
    pub const DEADLINE_EXCEEDED: i32 = 4;
    pub const NOT_FOUND: i32 = 5;
    pub const PERMISSION_DENIED: i32 = 7;
    pub const RESOURCE_EXHAUSTED: i32 = 8;
    pub const UNIMPLEMENTED: i32 = 12;
    pub const INTERNAL: i32 = 13;
    pub const UNAVAILABLE: i32 = 14;
    pub const UNAUTHENTICATED: i32 = 16;
}

/// The gRPC code for an HTTP status that came without one (Envoy's `Grpc::Utility::httpToGrpcStatus`).
pub fn grpc_code_of_http(status: StatusCode) -> i32 {
    match status.as_u16() {
        400 => code::INTERNAL,
        401 => code::UNAUTHENTICATED,
        403 => code::PERMISSION_DENIED,
        404 => code::UNIMPLEMENTED,
        429 | 502 | 503 | 504 => code::UNAVAILABLE,
        _ => code::UNKNOWN,
    }
}

/// Whether the request is gRPC proper; gRPC-Web is not.
pub fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    match content_type.strip_prefix(b"application/grpc") {
        Some(rest) => matches!(rest.first(), None | Some(b'+' | b';')),
        None => false,
    }
}

/// `grpc-status-details-bin`, if there are details.
pub fn put_details(status: &Status, headers: &mut HeaderMap) {
    if !status.details.is_empty() {
        let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(status.encode_to_vec());
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(GRPC_STATUS_DETAILS, value);
        }
    }
}

/// All but visible ASCII, and the percent sign (gRPC over HTTP/2, "Percent-Encoded").
const NOT_IN_GRPC_MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

/// A `grpc-message` header value for any text.
pub fn percent_encode_message(message: &str) -> HeaderValue {
    let encoded = utf8_percent_encode(message, NOT_IN_GRPC_MESSAGE).to_string();
    HeaderValue::try_from(encoded).expect("percent-encoded text is visible ASCII")
}
