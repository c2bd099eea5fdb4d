//! Forged and honest tokens against a provider with local keys.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use http::{HeaderMap, HeaderValue};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, from_value, json};

use super::{
    provider::{JwtError, Provider},
    requirement::{Providers, Requirement},
};
use crate::{bootstrap::reader::YamlPath, clusters::Clusters, filters::api::FilterContext};

struct Keys {
    ed: EncodingKey,
    ed_public: Vec<u8>,
    ec: EncodingKey,
    jwks: String,
}

fn keys() -> Keys {
    let random = ring::rand::SystemRandom::new();
    let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let ed_public = Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap().public_key().as_ref().to_vec();
    let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let ec = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let ec_public =
        EcdsaKeyPair::from_pkcs8(algorithm, ec.as_ref(), &random).unwrap().public_key().as_ref().to_vec();
    let jwks = json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": BASE64.encode(&ed_public)},
        {"kty": "EC", "crv": "P-256", "kid": "ec", "x": BASE64.encode(&ec_public[1..33]), "y": BASE64.encode(&ec_public[33..])},
        {"kty": "oct", "kid": "oct", "alg": "HS256", "k": BASE64.encode(b"shared secret")},
        {"kty": "quantum", "kid": "unknown kinds are skipped"},
    ]});
    Keys {
        ed: EncodingKey::from_ed_der(ed.as_ref()),
        ed_public,
        ec: EncodingKey::from_ec_der(ec.as_ref()),
        jwks: jwks.to_string(),
    }
}

fn provider(jwks: &str) -> Provider {
    provider_of(json!({}), jwks)
}

fn provider_of(more: Value, jwks: &str) -> Provider {
    let mut config =
        json!({"issuer": "https://shop", "audiences": ["shop"], "local_jwks": {"inline_string": jwks}});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let clusters = Clusters::default();
    let context = FilterContext { name: "jwt", base_dir: std::path::Path::new("."), clusters: &clusters };
    Provider::new(from_value(config).unwrap(), &YamlPath::root(), &context).unwrap()
}

/// Good claims, with `changes` over them; null removes one.
fn claims(changes: Value) -> Value {
    let mut claims =
        json!({"iss": "https://shop", "aud": "shop", "sub": "users/1", "exp": get_current_timestamp() + 300});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn signed(algorithm: Algorithm, kid: Option<&str>, key: &EncodingKey, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, key).unwrap()
}

fn bearer(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::try_from(format!("Bearer {token}")).unwrap());
    headers
}

fn forged(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| BASE64.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), BASE64.encode(signature))
}

#[tokio::test]
async fn honest_tokens_are_accepted() {
    let keys = keys();
    let provider = provider(&keys.jwks);
    let good = claims(json!({}));
    for token in [
        signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &good),
        signed(Algorithm::EdDSA, None, &keys.ed, &good),
        signed(Algorithm::ES256, Some("ec"), &keys.ec, &good),
        signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &claims(json!({"aud": ["other", "shop"]}))),
        // Within the clock skew.
        signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &claims(json!({"exp": get_current_timestamp() - 30}))),
    ] {
        assert_eq!(provider.verify(&bearer(&token), None).await, Ok(()), "{token}");
    }
}

#[tokio::test]
async fn a_known_token_still_expires_and_is_bound_to_its_audience() {
    let keys = keys();
    let provider = provider_of(json!({"jwt_cache_config": {}, "clock_skew_seconds": 1}), &keys.jwks);
    let short =
        signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &claims(json!({"exp": get_current_timestamp() + 1})));
    let headers = bearer(&short);
    assert_eq!(provider.verify(&headers, None).await, Ok(()));
    let other = ["elsewhere".to_owned()];
    assert_eq!(provider.verify(&headers, Some(&other)).await, Err(JwtError::AudienceNotAllowed));
    let expired = async {
        while provider.verify(&headers, None).await != Err(JwtError::Expired) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), expired).await.expect("the token never expires");

    let good = signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &claims(json!({})));
    assert_eq!(provider.verify(&bearer(&good), None).await, Ok(()));
    let (start, _) = good.rsplit_once('.').unwrap();
    let forged = bearer(&format!("{start}.{}", BASE64.encode([0_u8; 64])));
    assert_eq!(provider.verify(&forged, None).await, Err(JwtError::VerificationFails));
}

#[tokio::test]
async fn bad_claims_are_refused() {
    let keys = keys();
    let provider = provider(&keys.jwks);
    let now = get_current_timestamp();
    for (changes, error) in [
        (json!({"exp": now - 120}), JwtError::Expired),
        (json!({"exp": null}), JwtError::Expired),
        (json!({"nbf": now + 120}), JwtError::NotYetValid),
        (json!({"iss": "https://evil"}), JwtError::UnknownIssuer),
        (json!({"iss": null}), JwtError::UnknownIssuer),
        (json!({"aud": "other"}), JwtError::AudienceNotAllowed),
        (json!({"aud": null}), JwtError::AudienceNotAllowed),
    ] {
        let token = signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &claims(changes.clone()));
        assert_eq!(provider.verify(&bearer(&token), None).await, Err(error), "{changes}");
    }
    // An `exp` that is no number must not count as absent or as far away.
    for exp in [json!("9999999999"), json!({}), json!([now + 300])] {
        let token = signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &claims(json!({"exp": exp})));
        assert!(provider.verify(&bearer(&token), None).await.is_err(), "{exp}");
    }
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let keys = keys();
    let provider = provider(&keys.jwks);
    let good = claims(json!({}));
    let honest = signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &good);
    let (unsigned, _) = honest.rsplit_once('.').unwrap();
    let stranger = self::keys();
    let hmac_with_public_key = EncodingKey::from_secret(&keys.ed_public);
    let tokens = [
        forged(&json!({"alg": "none"}), &good, b""),
        forged(&json!({"alg": "None", "kid": "ed"}), &good, b""),
        format!("{unsigned}."),
        unsigned.to_owned(),
        format!("{honest}.extra"),
        signed(Algorithm::HS256, Some("ed"), &hmac_with_public_key, &good),
        signed(Algorithm::HS256, Some("oct"), &EncodingKey::from_secret(b"shared secret"), &good),
        signed(Algorithm::EdDSA, Some("ed"), &stranger.ed, &good),
        signed(Algorithm::EdDSA, Some("nobody"), &keys.ed, &good),
        // A good signature, but by a key for another algorithm than the one named.
        signed(Algorithm::EdDSA, Some("ec"), &keys.ed, &good),
        encode(
            &Header {
                crit: Some(vec!["b64".into()]),
                kid: Some("ed".into()),
                ..Header::new(Algorithm::EdDSA)
            },
            &good,
            &keys.ed,
        )
        .unwrap(),
        signed(Algorithm::EdDSA, Some("ed"), &keys.ed, &claims(json!({"padding": "x".repeat(9000)}))),
        "..".to_owned(),
        String::new(),
    ];
    for token in tokens {
        assert!(provider.verify(&bearer(&token), None).await.is_err(), "{token}");
    }
    let mut two = bearer(&honest);
    two.append("authorization", HeaderValue::from_static("Bearer x"));
    assert_eq!(provider.verify(&two, None).await, Err(JwtError::BadFormat));
}

#[tokio::test]
async fn missing_is_not_failed() {
    let keys = keys();
    let providers = Providers::from([("shop".to_owned(), std::sync::Arc::new(provider(&keys.jwks)))]);
    let requirement =
        |config: Value| Requirement::new(from_value(config).unwrap(), &providers, &YamlPath::root()).unwrap();
    let holds = async |requirement: &Requirement, headers: &HeaderMap| {
        requirement.verify(headers, &mut Vec::new()).await
    };
    let good = bearer(&signed(Algorithm::EdDSA, None, &keys.ed, &claims(json!({}))));
    let (none, bad) = (HeaderMap::new(), bearer("a.b.c"));

    let optional = requirement(
        json!({"requires_any": {"requirements": [{"provider_name": "shop"}, {"allow_missing": {}}]}}),
    );
    assert_eq!(holds(&optional, &good).await, Ok(()));
    assert_eq!(holds(&optional, &none).await, Ok(()));
    assert_eq!(holds(&optional, &bad).await, Err(JwtError::BadFormat));

    let alone = requirement(json!({"allow_missing": {}}));
    assert_eq!(holds(&alone, &none).await, Ok(()));
    assert_eq!(holds(&alone, &bad).await, Err(JwtError::BadFormat));

    let required =
        requirement(json!({"provider_and_audiences": {"provider_name": "shop", "audiences": ["other"]}}));
    assert_eq!(holds(&required, &none).await, Err(JwtError::Missing));
    assert_eq!(holds(&required, &good).await, Err(JwtError::AudienceNotAllowed));

    let both = requirement(
        json!({"requires_all": {"requirements": [{"provider_name": "shop"}, {"allow_missing_or_failed": {}}]}}),
    );
    assert_eq!(holds(&both, &good).await, Ok(()));
    assert_eq!(holds(&both, &bad).await, Err(JwtError::BadFormat));

    let place_of_mistake = |requirements: Value| {
        let config = json!({"requires_any": {"requirements": requirements}});
        let error = Requirement::new(from_value(config).unwrap(), &providers, &YamlPath::root()).err();
        error.unwrap().at.to_string()
    };
    let unknown = json!([{"provider_name": "nobody"}, {"allow_missing": {}}]);
    assert_eq!(place_of_mistake(unknown), "requires_any.requirements[0].provider_name");
    assert_eq!(place_of_mistake(json!([{"allow_missing": {}}])), "requires_any.requirements");
}
