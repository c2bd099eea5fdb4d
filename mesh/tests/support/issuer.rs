//! Identity's part of tokens: a signing key and the RPC that shows its public half.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use shopmesh_mesh::server::{AUDIENCE, ISSUER};
use shopmesh_proto::{
    google::api::HttpBody,
    identity::v1::{auth_service_server::AuthService, revocation_service_server::RevocationService, *},
};
use tokio::sync::watch;
use tonic::{Code, Request, Response, Status};

/// Signs tokens and serves its keys.
#[derive(Clone)]
pub struct TokenIssuer(Arc<Inner>);

struct Inner {
    keys: Mutex<Vec<Key>>,
    fetched: AtomicUsize,
    revoked: watch::Sender<Vec<Revocation>>,
}

struct Key {
    id: String,
    public: Vec<u8>,
    signing: EncodingKey,
}

impl TokenIssuer {
    pub fn new() -> Self {
        let issuer = Self(Arc::new(Inner {
            keys: Mutex::default(),
            fetched: AtomicUsize::new(0),
            revoked: watch::Sender::default(),
        }));
        issuer.rotate();
        issuer
    }

    /// Signs with a new key from now on.
    pub fn rotate(&self) {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        let mut keys = self.0.keys.lock().unwrap();
        let id = format!("key-{}", keys.len());
        let signing = EncodingKey::from_ed_der(document.as_ref());
        keys.push(Key { id, public: pair.public_key().as_ref().to_vec(), signing });
    }

    /// Revokes the tokens of a session, or those of a user below a version.
    pub fn revoke(&self, subject: &str, below_version: i64) {
        let seconds = i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap() + 300;
        self.0.revoked.send_modify(|list| {
            list.push(Revocation {
                position: i64::try_from(list.len()).unwrap() + 1,
                subject: subject.to_owned(),
                below_version,
                expire_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
            });
        });
    }

    /// How often somebody asked for the keys.
    pub fn fetched(&self) -> usize {
        self.0.fetched.load(Ordering::SeqCst)
    }

    /// The public half of the current key.
    pub fn public_key(&self) -> Vec<u8> {
        self.0.keys.lock().unwrap().last().unwrap().public.clone()
    }

    /// The id of the current key.
    pub fn key_id(&self) -> String {
        self.0.keys.lock().unwrap().last().unwrap().id.clone()
    }

    /// The header of a good token.
    pub fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".into());
        header.kid = Some(self.key_id());
        header
    }

    /// The claims of a good token.
    pub fn claims(&self, user: &str, roles: &[(&str, &str)]) -> Value {
        let now = jsonwebtoken::get_current_timestamp();
        let roles: Vec<_> = roles.iter().map(|(role, scope)| json!({"role": role, "scope": scope})).collect();
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": user, "sid": "sessions/ses_1", "jti": "1",
            "iat": now, "exp": now + 300, "roles": roles,
        })
    }

    /// Signs whatever it is given with the current key.
    pub fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.0.keys.lock().unwrap().last().unwrap().signing).unwrap()
    }

    /// A good token.
    pub fn token(&self, user: &str, roles: &[(&str, &str)]) -> String {
        self.sign(&self.header(), &self.claims(user, roles))
    }

    fn jwks(&self) -> Value {
        let keys = self.0.keys.lock().unwrap();
        let keys: Vec<_> = keys
            .iter()
            .map(|key| {
                let x = URL_SAFE_NO_PAD.encode(&key.public);
                json!({"kty": "OKP", "crv": "Ed25519", "kid": key.id, "alg": "EdDSA", "use": "sig", "x": x})
            })
            .collect();
        json!({ "keys": keys })
    }
}

#[tonic::async_trait]
impl RevocationService for TokenIssuer {
    async fn read_revocations(
        &self,
        request: Request<ReadRevocationsRequest>,
    ) -> Result<Response<ReadRevocationsResponse>, Status> {
        let ReadRevocationsRequest { after, wait_ms, .. } = request.into_inner();
        let mut revoked = self.0.revoked.subscribe();
        let news = |list: &Vec<Revocation>| list.iter().any(|entry| entry.position > after);
        let wait = Duration::from_millis(wait_ms.try_into().unwrap());
        let _ = tokio::time::timeout(wait, revoked.wait_for(news)).await;
        let all = revoked.borrow().clone();
        let revocations = all.into_iter().filter(|entry| entry.position > after).collect();
        Ok(Response::new(ReadRevocationsResponse { revocations }))
    }
}

#[tonic::async_trait]
impl AuthService for TokenIssuer {
    async fn get_jwks(&self, _: Request<GetJwksRequest>) -> Result<Response<HttpBody>, Status> {
        self.0.fetched.fetch_add(1, Ordering::SeqCst);
        let data = self.jwks().to_string().into();
        Ok(Response::new(HttpBody { content_type: "application/json".into(), data, ..HttpBody::default() }))
    }

    async fn sign_in(&self, _: Request<SignInRequest>) -> Result<Response<TokenSet>, Status> {
        Err(Status::new(Code::Unimplemented, "keys only"))
    }

    async fn refresh_session(&self, _: Request<RefreshSessionRequest>) -> Result<Response<TokenSet>, Status> {
        Err(Status::new(Code::Unimplemented, "keys only"))
    }

    async fn sign_out(&self, _: Request<SignOutRequest>) -> Result<Response<()>, Status> {
        Err(Status::new(Code::Unimplemented, "keys only"))
    }

    async fn list_sessions(
        &self,
        _: Request<ListSessionsRequest>,
    ) -> Result<Response<ListSessionsResponse>, Status> {
        Err(Status::new(Code::Unimplemented, "keys only"))
    }
}
