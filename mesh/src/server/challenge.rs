//! Refusals of callers without a token that is good.

use http::header::WWW_AUTHENTICATE;
use shopmesh_proto::status::error;
use tonic::{Code, Status, metadata::MetadataValue};

use super::tokens::TokenError;

/// The refusal of a token that is none, or none any more.
pub fn token_refused() -> Status {
    token_invalid(&TokenError::Invalid.to_string())
}

/// The refusal of a token (RFC 6750, section 3.1).
pub fn token_invalid(message: &str) -> Status {
    let mut status = error(Code::Unauthenticated, "ACCESS_TOKEN_INVALID", message);
    let challenge = MetadataValue::from_static("Bearer error=\"invalid_token\"");
    status.metadata_mut().insert(WWW_AUTHENTICATE.as_str(), challenge);
    status
}

/// The refusal of a caller who is nobody yet.
pub fn token_missing(message: &str) -> Status {
    error(Code::Unauthenticated, "ACCESS_TOKEN_MISSING", message)
}
