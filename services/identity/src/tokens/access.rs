//! What an access token says: a JWT (RFC 7519) typed `at+jwt` (RFC 9068, 2.1).

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use shopmesh_kit::{
    error::{Error, Result},
    ids,
};
use shopmesh_mesh::server::{AUDIENCE, ISSUER};

use crate::{
    domain::{limits::ACCESS_LIFETIME, session::Granted},
    ids::SigningKeyId,
    translate,
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

/// Signs the token of a session at its last use.
pub fn sign(key: &EncodingKey, kid: &SigningKeyId, granted: &Granted) -> Result<String> {
    let Granted { session, version, bindings } = granted;
    let header = Header {
        typ: Some("at+jwt".to_owned()),
        kid: Some(kid.as_str().to_owned()),
        ..Header::new(Algorithm::EdDSA)
    };
    let claims = ClaimSet {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: session.user.name(),
        sid: session.id.name(),
        iat: session.last_used.seconds(),
        exp: (session.last_used + ACCESS_LIFETIME).seconds(),
        jti: ids::new_ulid(),
        account_version: *version,
        roles: bindings
            .iter()
            .map(|binding| RoleClaim {
                role: translate::claims::role(binding.role).as_str(),
                scope: &binding.scope,
            })
            .collect(),
    };
    jsonwebtoken::encode(&header, &claims, key).map_err(Error::internal)
}
