//! Who is calling, and does the contract let them in? Default deny.

use http::{
    HeaderMap,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
};
use shopmesh_proto::{policy::MethodPolicy, status::error};
use tonic::{Code, Status, metadata::MetadataValue};

use super::{
    call::Principal,
    tokens::{TokenError, TokenVerifier},
};
use crate::workload::{SpiffeId, Workload};

/// Whether this peer may open this RPC.
pub fn check_peer(policy: &MethodPolicy, peer: &SpiffeId) -> Result<(), Status> {
    if policy.peers.iter().any(|rule| peer.matches_peer_rule(rule)) {
        return Ok(());
    }
    tracing::warn!(method = policy.path, %peer, "denied: the contract does not list this peer");
    Err(error(Code::PermissionDenied, "PEER_NOT_ALLOWED", "this peer may not call this method"))
}

/// On whose behalf the call runs. Only the edge and operators carry users' tokens: a service speaks for itself.
pub async fn principal(
    peer: &SpiffeId,
    headers: &HeaderMap,
    tokens: Option<&dyn TokenVerifier>,
) -> Result<Principal, Status> {
    let without_token = match &peer.workload {
        Workload::Service(service) => return Ok(Principal::Workload(*service)),
        Workload::Edge(_) => Principal::Anonymous,
        Workload::Operator(name) => Principal::Operator(name.clone()),
    };
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(without_token) };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let (Some(token), Some(tokens)) = (token, tokens) else {
        return Err(token_invalid("`authorization` must be `Bearer` and an access token"));
    };
    tokens.verify(token).await.map(Principal::User).map_err(|problem| match problem {
        TokenError::Unavailable => error(Code::Unavailable, "KEYS_UNAVAILABLE", problem.to_string()),
        TokenError::Invalid | TokenError::UnknownKey => token_refused(),
    })
}

/// The refusal of a token that is none, or none any more.
pub fn token_refused() -> Status {
    token_invalid(&TokenError::Invalid.to_string())
}

/// The refusal of a caller whom no rule lets in.
pub fn refusal(policy: &MethodPolicy, principal: &Principal) -> Status {
    tracing::info!(method = policy.path, ?principal, "denied: no rule lets this caller in");
    match principal {
        Principal::Anonymous => token_missing("sign in first: this call needs an access token"),
        _ => error(Code::PermissionDenied, "ROLE_MISSING", "your roles do not allow this call"),
    }
}

/// The refusal of a token (RFC 6750, section 3.1).
fn token_invalid(message: &str) -> Status {
    let mut status = error(Code::Unauthenticated, "ACCESS_TOKEN_INVALID", message);
    let challenge = MetadataValue::from_static("Bearer error=\"invalid_token\"");
    status.metadata_mut().insert(WWW_AUTHENTICATE.as_str(), challenge);
    status
}

/// The refusal of a caller who is nobody yet.
pub fn token_missing(message: &str) -> Status {
    error(Code::Unauthenticated, "ACCESS_TOKEN_MISSING", message)
}
