//! What an access token says: a JWT (RFC 7519) typed `at+jwt` (RFC 9068, 2.1).

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
    ids,
};
use shopmesh_mesh::server::{AUDIENCE, ISSUER, RoleBinding};

use crate::{
    domain::limits::ACCESS_LIFETIME,
    ids::{SessionId, SigningKeyId, UserId},
};

#[derive(Serialize)]
struct ClaimSet<'a> {
    iss: &'static str,
    aud: &'static str,
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
    jti: String,
    account_version: i64,
    roles: Vec<RoleClaim<'a>>,
}

#[derive(Serialize)]
struct RoleClaim<'a> {
    role: &'static str,
    scope: &'a str,
}

/// Whom a token is for.
pub struct Holder {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// Version of the account: a token of an older one is void once something is taken from the account.
    pub version: i64,
    /// The roles of that version.
    pub bindings: Vec<RoleBinding>,
}

/// Signs a token.
pub fn sign(key: &EncodingKey, kid: &SigningKeyId, holder: &Holder, now: Timestamp) -> Result<String> {
    let header = Header {
        typ: Some("at+jwt".to_owned()),
        kid: Some(kid.as_str().to_owned()),
        ..Header::new(Algorithm::EdDSA)
    };
    let claims = ClaimSet {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: holder.user.name(),
        sid: holder.session.name(),
        iat: now.seconds(),
        exp: (now + ACCESS_LIFETIME).seconds(),
        jti: ids::new_ulid(),
        account_version: holder.version,
        roles: holder
            .bindings
            .iter()
            .map(|binding| RoleClaim { role: binding.role.as_str(), scope: &binding.scope })
            .collect(),
    };
    jsonwebtoken::encode(&header, &claims, key).map_err(Error::internal)
}
