//! Verifies tokens with identity's keys, fetched over the mesh.

use super::tokens::{Claims, KeySet, TokenError, TokenVerifier, key_set, verify_with};
use crate::{ServiceName, client::MeshClient, context};
use arc_swap::ArcSwap;
use shopmesh_proto::identity::v1::{GetJwksRequest, auth_service_client::AuthServiceClient};
use std::{future::Future, pin::Pin, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// Keys are fetched again after this time.
const FRESH: Duration = Duration::from_secs(300);
/// An unknown key fetches them at most this often, so that forged key ids cost identity nothing.
const REFETCH: Duration = Duration::from_secs(2);
/// A fetch takes at most this long.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);

/// Fetches, caches and uses identity's keys.
pub struct JwksVerifier {
    mesh: MeshClient,
    keys: ArcSwap<Keys>,
    fetching: Mutex<()>,
}

#[derive(Default)]
struct Keys {
    set: KeySet,
    tried: Option<Instant>,
}

impl JwksVerifier {
    /// Asks identity over `mesh` when the first token comes.
    pub fn new(mesh: MeshClient) -> Self {
        Self { mesh, keys: ArcSwap::default(), fetching: Mutex::new(()) }
    }

    /// Fetches the keys unless somebody did within `age`. What cannot be fetched leaves the last good keys.
    async fn refresh(&self, age: Duration) {
        let recent = || self.keys.load().tried.is_some_and(|tried| tried.elapsed() < age);
        if recent() {
            return;
        }
        let _one_at_a_time = self.fetching.lock().await;
        if recent() {
            return;
        }
        let set = match self.fetch().await {
            Some(set) => set,
            None => self.keys.load().set.clone(),
        };
        self.keys.store(Keys { set, tried: Some(Instant::now()) }.into());
    }

    async fn fetch(&self) -> Option<KeySet> {
        let mut identity = AuthServiceClient::new(self.mesh.channel(ServiceName::Identity));
        let fetch = context::scope(context::background(FETCH_TIMEOUT), identity.get_jwks(GetJwksRequest {}));
        match fetch.await {
            Ok(answer) => key_set(&answer.into_inner().data),
            Err(status) => {
                tracing::warn!(%status, "identity's token keys cannot be fetched; the last ones are kept");
                None
            }
        }
    }
}

impl TokenVerifier for JwksVerifier {
    fn verify<'a>(
        &'a self,
        token: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Claims, TokenError>> + Send + 'a>> {
        Box::pin(async move {
            self.refresh(FRESH).await;
            match verify_with(&self.keys.load().set, token) {
                Err(TokenError::UnknownKey) => {
                    self.refresh(REFETCH).await;
                    let keys = self.keys.load();
                    if keys.set.is_empty() {
                        return Err(TokenError::Unavailable);
                    }
                    verify_with(&keys.set, token)
                }
                outcome => outcome,
            }
        })
    }
}
