//! Verifies tokens with identity's keys and against its revocations, both fetched over the mesh.

use std::{future::Future, num::NonZeroUsize, pin::Pin, sync, sync::PoisonError, time::Duration};

use arc_swap::ArcSwap;
use lru::LruCache;
use ring::digest::{SHA256, digest};
use shopmesh_proto::identity::v1::{GetJwksRequest, auth_service_client::AuthServiceClient};
use tokio::{sync::Mutex, time::Instant};

use super::{
    revocations::Revocations,
    tokens::{Claims, KeySet, TokenError, TokenVerifier, key_set, verify_with},
};
use crate::{ServiceName, client::MeshClient, context, net::Drain};

/// Keys are fetched again after this time.
const CACHE_DURATION: Duration = Duration::from_secs(300);
/// An unknown key fetches them at most this often, so that forged key ids cost identity nothing.
const MIN_REFETCH_INTERVAL: Duration = Duration::from_secs(2);
/// Tokens whose signature is not checked again: users that call within five minutes, the life of a token.
const VERIFIED: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();
/// A fetch takes at most this long.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);

/// Fetches, caches and uses identity's keys, and follows its revocations.
pub struct JwksVerifier {
    mesh: MeshClient,
    keys: ArcSwap<Keys>,
    fetching: Mutex<()>,
    revocations: Revocations,
}

struct Keys {
    set: KeySet,
    tried: Option<Instant>,
    /// Claims by the digest of a token that these keys have verified: new keys begin without any.
    verified: sync::Mutex<LruCache<[u8; 32], Claims>>,
}

impl Keys {
    fn new(set: KeySet, tried: Option<Instant>) -> Self {
        Self { set, tried, verified: LruCache::new(VERIFIED).into() }
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let id: [u8; 32] =
            digest(&SHA256, token.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 bytes");
        let verified = || self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(claims) = verified().get(&id) {
            return if claims.is_expired() { Err(TokenError::Invalid) } else { Ok(claims.clone()) };
        }
        let claims = verify_with(&self.set, token)?;
        verified().put(id, claims.clone());
        Ok(claims)
    }
}

impl JwksVerifier {
    /// Asks identity over `mesh` for its keys when the first token comes. No token is good until
    /// [`JwksVerifier::follow`] runs.
    pub fn new(mesh: MeshClient) -> Self {
        Self {
            mesh,
            keys: ArcSwap::from_pointee(Keys::new(KeySet::new(), None)),
            fetching: Mutex::new(()),
            revocations: Revocations::new(),
        }
    }

    /// Keeps up with identity's revocations until the drain starts.
    pub async fn follow(&self, drain: Drain) {
        self.revocations.follow(&self.mesh, drain).await;
    }

    /// The claims of a token with a good signature that has not expired.
    async fn signed(&self, token: &str) -> Result<Claims, TokenError> {
        self.refresh(CACHE_DURATION).await;
        match self.keys.load().verify(token) {
            Err(TokenError::UnknownKey) => {
                self.refresh(MIN_REFETCH_INTERVAL).await;
                let keys = self.keys.load();
                if keys.set.is_empty() {
                    return Err(TokenError::Unavailable);
                }
                keys.verify(token)
            }
            outcome => outcome,
        }
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
        self.keys.store(Keys::new(set, Some(Instant::now())).into());
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
            let claims = self.signed(token).await?;
            if !self.revocations.are_known().await {
                return Err(TokenError::Unavailable);
            }
            if self.revocations.include(&claims) { Err(TokenError::Invalid) } else { Ok(claims) }
        })
    }

    fn revoked(&self, claims: &Claims) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.revocations.clone().until_include(claims.clone()))
    }
}
