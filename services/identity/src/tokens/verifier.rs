//! Checks access tokens with this process's own keys and database: what was taken away is refused here with the next
//! call, elsewhere as soon as the list of revocations arrives.

use std::sync::Arc;

use shopmesh_kit::BoxFuture;
use shopmesh_mesh::server::{Claims, TokenError, TokenVerifier, verify_with};

use crate::{app::App, store::sessions};

/// Identity's own verifier.
pub struct OwnTokens(pub Arc<App>);

impl TokenVerifier for OwnTokens {
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Claims, TokenError>> {
        Box::pin(async move {
            let claims = self.0.keys.with_verifiers(|keys| verify_with(keys, token))?;
            let now = self.0.clock.now();
            match sessions::allows(&self.0.db, &claims, now).await {
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
