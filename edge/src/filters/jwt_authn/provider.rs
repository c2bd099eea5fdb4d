//! Verifies one token against one provider.

use std::sync::Arc;

use http::{HeaderMap, header::AUTHORIZATION};
use jsonwebtoken::{
    Algorithm, Header, Validation, decode, decode_header, errors::ErrorKind, get_current_timestamp,
};
use serde::Deserialize;

use super::{
    config::{JwtHeader, JwtProvider},
    key_set::{KeySet, KeySource, RemoteKeys},
    verified::VerifiedTokens,
};
use crate::{
    bootstrap::reader::{ConfigError, YamlPath},
    filters::api::FilterContext,
};

/// Larger than any sensible token; checked before any decoding.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Why a token was not accepted, in Envoy's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("Jwt is missing")]
    Missing,
    #[error("Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections")]
    BadFormat,
    #[error("Jwt is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    #[error("Jwt verification fails")]
    VerificationFails,
    #[error("Jwt is expired")]
    Expired,
    #[error("Jwt not yet valid")]
    NotYetValid,
    #[error("Jwt issuer is not configured")]
    UnknownIssuer,
    #[error("Audiences in Jwt are not allowed")]
    AudienceNotAllowed,
    #[error("Jwks remote fetch is failed")]
    JwksFetch,
}

/// A checked `JwtProvider`.
pub struct Provider {
    issuer: String,
    audiences: Vec<String>,
    headers: Vec<JwtHeader>,
    clock_skew_seconds: u64,
    keys: KeySource,
    forward: bool,
    verified: Option<VerifiedTokens>,
}

/// The one claim that is looked at again when a token is known.
#[derive(Deserialize)]
struct Claims {
    exp: Option<f64>,
}

impl Provider {
    pub fn new(config: JwtProvider, at: &YamlPath, context: &FilterContext<'_>) -> Result<Self, ConfigError> {
        let keys = match (config.remote_jwks, config.local_jwks) {
            (Some(remote), None) => {
                KeySource::Remote(Arc::new(RemoteKeys::new(remote, context.clusters, at)?))
            }
            (None, Some(local)) => {
                let at = at.field("local_jwks");
                let json = local.load(context.base_dir, &at)?;
                let keys = KeySet::parse(&json).map_err(|e| at.error(format!("not a JWKS: {e}")))?;
                if keys.is_empty() {
                    return Err(at.error("has no key that is usable: EdDSA, ES256 or RS256, for signatures"));
                }
                KeySource::Local(Arc::new(keys))
            }
            _ => return Err(at.error("needs exactly one of remote_jwks, local_jwks")),
        };
        let mut headers = config.from_headers;
        if headers.is_empty() {
            headers.push(JwtHeader { name: AUTHORIZATION, value_prefix: "Bearer ".to_owned() });
        }
        Ok(Self {
            issuer: config.issuer,
            audiences: config.audiences,
            headers,
            clock_skew_seconds: u64::from(config.clock_skew_seconds),
            keys,
            forward: config.forward,
            verified: config.jwt_cache_config.as_ref().map(VerifiedTokens::new),
        })
    }

    /// Verifies the token of a request; `audiences` replaces the provider's own.
    pub async fn verify(&self, headers: &HeaderMap, audiences: Option<&[String]>) -> Result<(), JwtError> {
        let token = self.token(headers)?;
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JwtError::TooLong);
        }
        let header = decode_header(token).map_err(|_| JwtError::BadFormat)?;
        // RFC 7515 section 4.1.11: an extension that must be understood, and is not, makes the token invalid.
        if header.crit.is_some() {
            return Err(JwtError::VerificationFails);
        }
        let keys = self.keys.current().await.ok_or(JwtError::JwksFetch)?;
        // What is kept was verified for the provider's own audiences.
        let Some(verified) = self.verified.as_ref().filter(|_| audiences.is_none()) else {
            return self.decode(&keys, token, &header, audiences.unwrap_or(&self.audiences)).map(drop);
        };
        let Some(expiry) = verified.expiry(&keys, token) else {
            let expiry = self.decode(&keys, token, &header, &self.audiences)?;
            verified.insert(&keys, token, expiry);
            return Ok(());
        };
        #[allow(clippy::cast_precision_loss)] // Seconds since the epoch: far below 2^52.
        let is_over = expiry < get_current_timestamp().saturating_sub(self.clock_skew_seconds) as f64;
        if is_over { Err(JwtError::Expired) } else { Ok(()) }
    }

    /// Verifies a token; returns its `exp`.
    fn decode(
        &self,
        keys: &KeySet,
        token: &str,
        header: &Header,
        audiences: &[String],
    ) -> Result<f64, JwtError> {
        let validation = self.validation(header.alg, audiences);
        let mut outcome = Err(JwtError::VerificationFails);
        for candidate in keys.candidates(header.kid.as_deref(), header.alg) {
            outcome = decode::<Claims>(token, &candidate.key, &validation)
                .map_err(|e| e.kind().into())
                .and_then(|token| token.claims.exp.ok_or(JwtError::Expired));
            // Another key can only help if this one did not make the signature.
            if outcome != Err(JwtError::VerificationFails) {
                break;
            }
        }
        outcome
    }

    /// Takes the token away from the request unless the upstream shall see it.
    pub fn strip(&self, headers: &mut HeaderMap) {
        if !self.forward {
            for header in &self.headers {
                headers.remove(&header.name);
            }
        }
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Result<&'a str, JwtError> {
        for header in &self.headers {
            let mut values = headers.get_all(&header.name).iter();
            match (values.next(), values.next()) {
                (None, _) => {}
                (Some(value), None) => {
                    let value = value.to_str().map_err(|_| JwtError::BadFormat)?;
                    if let Some(token) = strip_scheme(value, &header.value_prefix) {
                        return Ok(token);
                    }
                }
                // Two tokens: the upstream might look at the other one.
                (Some(_), Some(_)) => return Err(JwtError::BadFormat),
            }
        }
        Err(JwtError::Missing)
    }

    fn validation(&self, algorithm: Algorithm, audiences: &[String]) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = self.clock_skew_seconds;
        validation.validate_nbf = true;
        let mut required = vec!["exp"];
        if !self.issuer.is_empty() {
            validation.set_issuer(&[&self.issuer]);
            required.push("iss");
        }
        if audiences.is_empty() {
            validation.validate_aud = false;
        } else {
            validation.set_audience(audiences);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        validation
    }
}

/// The rest of `value` behind `prefix`. The name of an authentication scheme is case-insensitive (RFC 9110 section 11.1).
fn strip_scheme<'a>(value: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = value.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| rest.trim())
}

impl From<&ErrorKind> for JwtError {
    fn from(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::ExpiredSignature => Self::Expired,
            ErrorKind::ImmatureSignature => Self::NotYetValid,
            ErrorKind::InvalidIssuer => Self::UnknownIssuer,
            ErrorKind::InvalidAudience => Self::AudienceNotAllowed,
            ErrorKind::MissingRequiredClaim(claim) if claim == "iss" => Self::UnknownIssuer,
            ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => Self::AudienceNotAllowed,
            ErrorKind::MissingRequiredClaim(_) => Self::Expired,
            ErrorKind::InvalidToken => Self::BadFormat,
            _ => Self::VerificationFails,
        }
    }
}
