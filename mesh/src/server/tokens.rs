//! Users' access tokens: EdDSA JWTs (RFC 7519, RFC 8037) under the rules of RFC 8725.

use std::{collections::HashMap, future::Future, pin::Pin};

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header, get_current_timestamp,
    jwk::{AlgorithmParameters, EllipticCurve, JwkSet},
};
use serde::Deserialize;
use shopmesh_proto::policy::Role;

/// Who issues the tokens.
pub const ISSUER: &str = "https://shopmesh.local";
/// Whom they are for.
pub const AUDIENCE: &str = "shopmesh";
/// A longer one is refused unread.
const MAX_TOKEN_BYTES: usize = 4096;
/// Seconds that clocks may differ.
const LEEWAY: u64 = 5;

/// What a token says, once it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `users/...`.
    pub subject: String,
    /// `sessions/...` it was issued in.
    pub session: String,
    /// Roles and what they are bound to.
    pub bindings: Vec<RoleBinding>,
    /// Version of the account that the bindings are of.
    pub account_version: i64,
    /// Seconds since the epoch.
    pub expires_at: i64,
}

impl Claims {
    /// Whether its time is over, by the rule of [`verify_with`].
    pub(super) fn is_expired(&self) -> bool {
        is_past(self.expires_at)
    }
}

/// Whether a token that expires then, in seconds since the epoch, is taken no more.
pub(super) fn is_past(expires_at: i64) -> bool {
    u64::try_from(expires_at).unwrap_or(0) < get_current_timestamp().saturating_sub(LEEWAY)
}

/// A role and what it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleBinding {
    /// The role.
    pub role: Role,
    /// `sellers/...`, `channels/...`, or empty for the whole deployment.
    pub scope: String,
}

/// Why a token is refused. Never says more than that to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not ours, not in time, or not well formed.
    #[error("the access token is not valid: sign in again")]
    Invalid,
    /// Signed with a key that is not known here.
    #[error("the access token is signed with an unknown key")]
    UnknownKey,
    /// The keys cannot be fetched.
    #[error("access tokens cannot be checked now: try again")]
    Unavailable,
}

/// Checks access tokens.
pub trait TokenVerifier: Send + Sync {
    /// The claims of a bearer token.
    fn verify<'a>(
        &'a self,
        token: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Claims, TokenError>> + Send + 'a>>;

    /// Resolves when a token that was good is revoked, for streams that outlast its check. Its expiry is no revocation.
    fn revoked(&self, _: &Claims) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }
}

/// Ed25519 keys by key id.
pub type KeySet = HashMap<String, DecodingKey>;

/// The usable keys of a JSON Web Key Set (RFC 7517).
pub(super) fn key_set(jwks: &[u8]) -> Option<KeySet> {
    let set: JwkSet = serde_json::from_slice(jwks).ok()?;
    let keys = set.keys.iter().filter_map(|jwk| {
        let id = jwk.common.key_id.clone()?;
        match &jwk.algorithm {
            // The key says which algorithm it is for; the token's header does not get to choose (RFC 8725, 3.1).
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
                Some((id, DecodingKey::from_ed_components(&pair.x).ok()?))
            }
            _ => None,
        }
    });
    Some(keys.collect())
}

#[derive(Deserialize)]
struct RawClaims {
    sub: String,
    #[serde(default)]
    sid: String,
    exp: i64,
    #[serde(default)]
    iat: u64,
    #[serde(default)]
    roles: Vec<RawBinding>,
    #[serde(default)]
    account_version: i64,
}

#[derive(Deserialize)]
struct RawBinding {
    role: String,
    #[serde(default)]
    scope: String,
}

/// Verifies a token with these keys.
pub fn verify_with(keys: &KeySet, token: &str) -> Result<Claims, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::Invalid);
    }
    let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
    let typed = header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt"));
    // Extensions that must be understood are not (RFC 7515, 4.1.11).
    if header.alg != Algorithm::EdDSA || !typed || header.crit.is_some() {
        return Err(TokenError::Invalid);
    }
    let key = keys.get(header.kid.as_deref().ok_or(TokenError::Invalid)?).ok_or(TokenError::UnknownKey)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.validate_nbf = true;
    rules.leeway = LEEWAY;
    let claims = decode::<RawClaims>(token, key, &rules).map_err(|_| TokenError::Invalid)?.claims;
    let early = claims.iat > get_current_timestamp() + LEEWAY;
    if early || !claims.sub.starts_with("users/") {
        return Err(TokenError::Invalid);
    }
    // A role from a newer version is none here.
    let bindings = claims
        .roles
        .into_iter()
        .filter_map(|binding| Some(RoleBinding { role: Role::parse(&binding.role)?, scope: binding.scope }))
        .collect();
    Ok(Claims {
        subject: claims.sub,
        session: claims.sid,
        bindings,
        account_version: claims.account_version,
        expires_at: claims.exp,
    })
}
