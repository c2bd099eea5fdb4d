//! Checks access tokens with this process's own keys and database: what was taken away is refused here with the next
//! call, elsewhere as soon as the list of revocations arrives.

use std::sync::Arc;

use shopmesh_kit::{BoxFuture, clock::Clock, db::Db};
use shopmesh_mesh::server::{Claims, TokenError, TokenVerifier, verify_with};

use super::key_ring::KeyRing;
use crate::{
    ids::{SessionId, UserId},
    store::sessions,
};

/// Identity's own verifier.
pub struct OwnTokens {
    /// Its keys.
    pub keys: KeyRing,
    /// Where sessions are.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl TokenVerifier for OwnTokens {
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Claims, TokenError>> {
        Box::pin(async move {
            let claims = self.keys.with_verifiers(|keys| verify_with(keys, token))?;
            let session = SessionId::parse(&claims.session).map_err(|_| TokenError::Invalid)?;
            let user = UserId::parse(&claims.subject).map_err(|_| TokenError::Invalid)?;
            let now = self.clock.now();
            match sessions::allows(&self.db, &session, &user, claims.account_version, now).await {
                Ok(true) => Ok(claims),
                Ok(false) => Err(TokenError::Invalid),
                Err(error) => {
                    tracing::warn!(%error, "a session cannot be looked up");
                    Err(TokenError::Unavailable)
                }
            }
        })
    }
}
