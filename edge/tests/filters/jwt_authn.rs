//! Tokens verified with keys fetched through a cluster.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;

use super::filter;
use crate::support::{Config, TestEdge, Upstream, get, post};

struct Issuer {
    key: EncodingKey,
    jwks: String,
}

impl Issuer {
    fn new() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
        let public = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(public.public_key().as_ref());
        let jwks = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "alg": "EdDSA", "x": x}]})
            .to_string();
        Self { key: EncodingKey::from_ed_der(pkcs8.as_ref()), jwks }
    }

    fn bearer(&self) -> String {
        let claims = json!({"iss": "https://shop", "aud": ["shop"], "exp": get_current_timestamp() + 60});
        let header = Header { kid: Some("1".into()), ..Header::new(Algorithm::EdDSA) };
        format!("Bearer {}", encode(&header, &claims, &self.key).unwrap())
    }
}

async fn start(upstream: &Upstream, cache: &str) -> TestEdge {
    let fields = format!(
        "providers: {{ shop: {{ issuer: 'https://shop', audiences: [shop], forward: true, require_expiration: true, remote_jwks: {{ \
         http_uri: {{ uri: 'https://identity/.well-known/jwks.json', cluster: up, timeout: 2s }}, cache_duration: {cache} }} }} }}, \
         rules: [{{ match: {{ prefix: /public }} }}, {{ match: {{ prefix: / }}, requires: {{ requires_any: {{ requirements: [{{ provider_name: shop }}, {{ allow_missing: {{}} }}] }} }} }}], \
         bypass_cors_preflight: true"
    );
    let filters = filter("envoy.filters.http.jwt_authn", "jwt_authn.v3.JwtAuthentication", &fields);
    Config { filters, ..Config::default() }.start(upstream.address).await
}

fn fetches(upstream: &Upstream) -> usize {
    upstream.seen.lock().unwrap().iter().filter(|seen| seen.uri.ends_with("jwks.json")).count()
}

#[tokio::test]
async fn good_tokens_pass_and_bad_ones_end_here() {
    let upstream = Upstream::start().await;
    let issuer = Issuer::new();
    *upstream.jwks.lock().unwrap() = issuer.jwks.clone();
    let edge = start(&upstream, "300s").await;
    let bearer = issuer.bearer();
    assert_eq!(edge.h1(get("/", &[("authorization", &bearer)])).await.status, 200);
    assert_eq!(upstream.last().headers["authorization"], bearer.as_str(), "forwarded");
    assert_eq!(edge.h1(get("/", &[])).await.status, 200);

    let stranger = Issuer::new().bearer();
    let refused = edge.h1(get("/", &[("authorization", &stranger)])).await;
    assert_eq!((refused.status, refused.json()["message"].as_str()), (401, Some("Jwt verification fails")));
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    let grpc = post("/", &[("content-type", "application/grpc"), ("authorization", &stranger)], "");
    assert_eq!(edge.h2(grpc).await.header("grpc-status"), "16");
    assert_eq!(
        edge.h1(get("/public", &[("authorization", &stranger)])).await.status,
        200,
        "no requirement, no check"
    );
    assert_eq!(fetches(&upstream), 1, "keys are cached");
}

#[tokio::test]
async fn the_last_good_keys_are_kept() {
    let upstream = Upstream::start().await;
    let issuer = Issuer::new();
    *upstream.jwks.lock().unwrap() = issuer.jwks.clone();
    let edge = start(&upstream, "0.001s").await;
    let bearer = issuer.bearer();
    assert_eq!(edge.h1(get("/", &[("authorization", &bearer)])).await.status, 200);
    for broken in ["not JSON".to_owned(), " ".repeat(2 * 1024 * 1024)] {
        *upstream.jwks.lock().unwrap() = broken;
        assert_eq!(edge.h1(get("/", &[("authorization", &bearer)])).await.status, 200);
    }
}

#[tokio::test]
async fn without_keys_no_token_is_accepted() {
    let upstream = Upstream::start().await;
    *upstream.jwks.lock().unwrap() = "{}".into();
    let edge = start(&upstream, "300s").await;
    let answer = edge.h1(get("/", &[("authorization", &Issuer::new().bearer())])).await;
    assert_eq!(
        (answer.status, answer.json()["message"].as_str()),
        (401, Some("Jwks remote fetch is failed"))
    );
}
