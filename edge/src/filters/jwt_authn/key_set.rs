//! Public keys of a provider (RFC 7517): given in the YAML, or fetched through a cluster and kept.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::{Uri, uri::PathAndQuery};
use http_body_util::{BodyExt as _, Limited};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::config::RemoteJwks;
use crate::{
    bootstrap::reader::{ConfigError, YamlPath},
    clusters::{Cluster, Clusters},
    http::{BoxError, empty},
};

/// More than any real key set; keeps a broken server from filling memory.
const MAX_BYTES: usize = 1024 * 1024;
/// After a failed fetch, how long until the next.
const RETRY: Duration = Duration::from_secs(1);

/// A key that verifies signatures of exactly one algorithm.
pub struct VerificationKey {
    pub id: Option<String>,
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

/// The usable keys of a JWKS.
pub struct KeySet(Vec<VerificationKey>);

impl KeySet {
    /// Reads a JWKS. Keys of unknown kinds are skipped, as RFC 7517 section 5 asks.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Jwks {
            keys: Vec<serde_json::Value>,
        }
        let jwks: Jwks = serde_json::from_slice(json)?;
        let keys =
            jwks.keys.into_iter().filter_map(|key| VerificationKey::new(&serde_json::from_value(key).ok()?));
        Ok(Self(keys.collect()))
    }

    /// Whether no token could be verified.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys that may have signed a token: the one it names, or any if it names none. The algorithm is the key's, never the token's.
    pub fn candidates<'a>(
        &'a self,
        id: Option<&'a str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'a VerificationKey> {
        self.0
            .iter()
            .filter(move |key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id))
    }
}

impl VerificationKey {
    fn new(jwk: &Jwk) -> Option<Self> {
        if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
            return None;
        }
        let algorithm = match (&jwk.algorithm, jwk.common.key_algorithm) {
            (AlgorithmParameters::OctetKeyPair(key), None | Some(KeyAlgorithm::EdDSA))
                if key.curve == EllipticCurve::Ed25519 =>
            {
                Algorithm::EdDSA
            }
            (AlgorithmParameters::EllipticCurve(key), None | Some(KeyAlgorithm::ES256))
                if key.curve == EllipticCurve::P256 =>
            {
                Algorithm::ES256
            }
            (AlgorithmParameters::RSA(_), None | Some(KeyAlgorithm::RS256)) => Algorithm::RS256,
            // Symmetric keys above all: whoever can verify could sign.
            _ => return None,
        };
        let key = DecodingKey::from_jwk(jwk).ok()?;
        Some(Self { id: jwk.common.key_id.clone(), algorithm, key })
    }
}

/// Where a provider's keys come from.
pub enum KeySource {
    Local(Arc<KeySet>),
    Remote(Arc<RemoteKeys>),
}

impl KeySource {
    /// The keys to verify with now; none if they never could be fetched.
    pub async fn current(&self) -> Option<Arc<KeySet>> {
        match self {
            Self::Local(keys) => Some(keys.clone()),
            Self::Remote(remote) => remote.clone().current().await,
        }
    }
}

/// Keys fetched over HTTP: one fetch at a time, and the last good ones are kept while the server fails.
pub struct RemoteKeys {
    uri: Uri,
    cluster: Arc<Cluster>,
    timeout: Duration,
    cache_duration: Duration,
    renew_in_background: bool,
    cached: ArcSwapOption<Cached>,
    /// Time of the last attempt; held during one.
    attempt: Mutex<Option<Instant>>,
}

struct Cached {
    keys: Arc<KeySet>,
    fetched: Instant,
}

impl RemoteKeys {
    pub fn new(config: RemoteJwks, clusters: &Clusters, at: &YamlPath) -> Result<Self, ConfigError> {
        let at = at.field("remote_jwks").field("http_uri");
        let uri: Uri =
            config.http_uri.uri.0.parse().map_err(|e| at.field("uri").error(format!("not a URI: {e}")))?;
        if uri.authority().is_none() {
            return Err(at
                .field("uri")
                .error("must be absolute, such as https://host/.well-known/jwks.json"));
        }
        let name = &config.http_uri.cluster.0;
        let cluster = clusters
            .get(name)
            .ok_or_else(|| at.field("cluster").error(format!("no cluster is called {name:?}")))?;
        Ok(Self {
            uri,
            cluster: cluster.clone(),
            timeout: config.http_uri.timeout.0,
            cache_duration: config.cache_duration.0,
            renew_in_background: config.async_fetch.is_some(),
            cached: ArcSwapOption::empty(),
            attempt: Mutex::new(None),
        })
    }

    async fn current(self: Arc<Self>) -> Option<Arc<KeySet>> {
        let cached = self.cached.load_full();
        match &cached {
            Some(cached) if cached.fetched.elapsed() < self.cache_duration => {
                return Some(cached.keys.clone());
            }
            Some(cached) if self.renew_in_background => {
                tokio::spawn(async move { self.renew().await });
                return Some(cached.keys.clone());
            }
            _ => self.renew().await,
        }
        self.cached.load().as_ref().map(|cached| cached.keys.clone())
    }

    async fn renew(&self) {
        let mut attempt = self.attempt.lock().await;
        let fresh =
            self.cached.load().as_ref().is_some_and(|cached| cached.fetched.elapsed() < self.cache_duration);
        if fresh || attempt.is_some_and(|at| at.elapsed() < RETRY) {
            return;
        }
        *attempt = Some(Instant::now());
        let fetched = tokio::time::timeout(self.timeout, self.fetch()).await;
        match fetched.unwrap_or_else(|_| Err(format!("no answer within {:?}", self.timeout).into())) {
            Ok(keys) => {
                let cached = Cached { keys: Arc::new(keys), fetched: Instant::now() };
                self.cached.store(Some(Arc::new(cached)));
            }
            Err(error) => {
                tracing::warn!(uri = %self.uri, %error, "JWKS not fetched; keys known before stay in use")
            }
        }
    }

    async fn fetch(&self) -> Result<KeySet, BoxError> {
        let mut uri = self.uri.clone().into_parts();
        uri.scheme = Some(self.cluster.scheme());
        uri.path_and_query.get_or_insert(PathAndQuery::from_static("/"));
        let request = http::Request::get(Uri::from_parts(uri)?).body(empty())?;
        let response = self.cluster.send(request, None).await?;
        if response.status() != http::StatusCode::OK {
            return Err(format!("answered {}", response.status()).into());
        }
        let body: Bytes = Limited::new(response.into_body(), MAX_BYTES).collect().await?.to_bytes();
        Ok(KeySet::parse(&body)?)
    }
}
