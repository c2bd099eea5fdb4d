//! Requests and answers whose bodies stream.

use bytes::Bytes;
use http_body_util::{BodyExt as _, combinators::UnsyncBoxBody};

/// Any failure of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// A body that streams data and trailers.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;
/// A request with a streaming body.
pub type Request = http::Request<Body>;
/// An answer with a streaming body.
pub type Response = http::Response<Body>;

/// A body of known bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    http_body_util::Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body without data.
pub fn empty() -> Body {
    http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync()
}
