//! Heads of calls and answers, from REST to gRPC and back.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TE},
};

use super::transcoder::Endpoint;
use crate::http::{LocalReply, ORIGINAL_PATH};

const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-envoy-original-method");
const GRPC_ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");

/// Makes the head that of a gRPC call.
pub fn point_at(head: &mut http::request::Parts, endpoint: &Endpoint) -> Result<(), LocalReply> {
    let mut uri = std::mem::take(&mut head.uri).into_parts();
    let original = uri.path_and_query.replace(endpoint.path.clone());
    head.uri = Uri::from_parts(uri)
        .map_err(|_| LocalReply::new(StatusCode::BAD_REQUEST, "bad_uri", "no valid target"))?;
    let headers = &mut head.headers;
    if let Some(original) = original.and_then(|original| HeaderValue::try_from(original.as_str()).ok()) {
        headers.insert(ORIGINAL_PATH, original);
    }
    if let Ok(original) = HeaderValue::try_from(head.method.as_str()) {
        headers.insert(ORIGINAL_METHOD, original);
    }
    head.method = Method::POST;
    for name in [CONTENT_LENGTH, CONTENT_ENCODING, ACCEPT, GRPC_ENCODING] {
        headers.remove(name);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(TE, HeaderValue::from_static("trailers"));
    // Messages are read here, so they must come as they are.
    headers.insert(GRPC_ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(())
}

/// Headers of an answer that is no longer gRPC.
pub fn set_content_type(headers: &mut HeaderMap, content_type: HeaderValue) {
    for name in [CONTENT_LENGTH, GRPC_ENCODING, GRPC_ACCEPT_ENCODING] {
        headers.remove(name);
    }
    headers.insert(CONTENT_TYPE, content_type);
}
