//! Who is calling, and does the contract let them in? Default deny.

use http::{HeaderMap, header::AUTHORIZATION};
use shopmesh_proto::{policy::MethodPolicy, status::error};
use tonic::{Code, Status};

use super::{
    call::Principal,
    challenge::{token_invalid, token_missing, token_refused},
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

/// The refusal of a caller whom no rule lets in.
pub fn refusal(policy: &MethodPolicy, principal: &Principal) -> Status {
    tracing::info!(method = policy.path, ?principal, "denied: no rule lets this caller in");
    match principal {
        Principal::Anonymous => token_missing("sign in first: this call needs an access token"),
        _ => error(Code::PermissionDenied, "ROLE_MISSING", "your roles do not allow this call"),
    }
}
