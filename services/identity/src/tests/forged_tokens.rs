//! Access tokens that somebody else made, or that are not for now, for us, or for this.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{hmac, signature::Ed25519KeyPair};
use serde_json::{Value, json};
use shopmesh_kit::clock::Clock;
use shopmesh_proto::identity::v1 as pb;
use tonic::Code;

use super::{Running, bearing, code};
use crate::store::keys;

/// What the service itself would sign.
struct Genuine {
    pair: Ed25519KeyPair,
    header: Value,
    claims: Value,
}

impl Genuine {
    async fn of(running: &Running, tokens: &pb::TokenSet) -> Self {
        let stored = keys::all(&running.app.db, &running.app.sealer).await.unwrap();
        let part = |index| {
            let part = tokens.access_token.split('.').nth(index).unwrap();
            serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let pair = Ed25519KeyPair::from_seed_unchecked(&stored[0].seed).unwrap();
        Self { pair, header: part(0), claims: part(1) }
    }

    fn header(&self, key: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[key] = value;
        self.sign(&header, &self.claims)
    }

    fn claim(&self, key: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[key] = value;
        self.sign(&self.header, &claims)
    }

    fn without(&self, key: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(key).unwrap();
        self.sign(&self.header, &claims)
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = signed_text(header, claims);
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(self.pair.sign(text.as_bytes())))
    }
}

fn signed_text(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[tokio::test]
async fn tokens_follow_the_format() {
    let running = Running::start().await;
    let tokens = running.person("ann@example.com").await;
    let Genuine { header, claims, .. } = Genuine::of(&running, &tokens).await;
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("https://shopmesh.local"), &json!("shopmesh")));
    assert_eq!(claims["sub"], json!(tokens.user));
    assert!(claims["sid"].as_str().unwrap().starts_with("sessions/ses_"));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    assert_eq!(claims["roles"], json!([{ "role": "shopper", "scope": "" }]));
    assert!(!claims.to_string().contains("example.com\","), "no personal data in tokens");
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let running = Running::start().await;
    let tokens = running.person("ann@example.com").await;
    let eve = running.person("eve@example.com").await;
    let genuine = Genuine::of(&running, &tokens).await;
    let own = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let foreign = Genuine { pair: own, header: genuine.header.clone(), claims: genuine.claims.clone() };
    let jwks: Value = serde_json::from_slice(&running.app.keys.jwks()).unwrap();
    let public = URL_SAFE_NO_PAD.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let now = running.clock.now().seconds();

    let mut none = genuine.header.clone();
    none["alg"] = json!("none");
    let mut hs256 = genuine.header.clone();
    hs256["alg"] = json!("HS256");
    let hs256 = signed_text(&hs256, &genuine.claims);
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &public), hs256.as_bytes());
    let of_eve = Genuine::of(&running, &eve).await.claims["sid"].clone();
    let parts: Vec<&str> = tokens.access_token.split('.').collect();
    let cases = [
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("alg none", format!("{}.", signed_text(&none, &genuine.claims))),
        ("HMAC with the public key", format!("{hs256}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref()))),
        ("another key under our key id", foreign.sign(&genuine.header, &genuine.claims)),
        (
            "another key, embedded",
            foreign.header("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA" })),
        ),
        ("another key, by URL", foreign.header("jku", json!("https://evil.example/jwks.json"))),
        ("unknown key id", genuine.header("kid", json!("key_unknown"))),
        ("key id as a path", genuine.header("kid", json!("../../identity.master.key"))),
        ("key id as SQL", genuine.header("kid", json!("' OR '1'='1"))),
        ("not an access token", genuine.header("typ", json!("JWT"))),
        ("another issuer", genuine.claim("iss", json!("https://evil.example"))),
        ("another audience", genuine.claim("aud", json!("other"))),
        ("expired", genuine.claim("exp", json!(now - 60))),
        ("issued in the future", genuine.claim("iat", json!(now + 60))),
        ("not valid yet", genuine.claim("nbf", json!(now + 60))),
        ("an extension nobody knows", genuine.header("crit", json!(["exp"]))),
        ("no expiry", genuine.without("exp")),
        ("no subject", genuine.without("sub")),
        ("no issuer", genuine.without("iss")),
        ("a subject that is no user", genuine.claim("sub", json!("services/orders"))),
        ("another user's session", genuine.claim("sid", of_eve)),
        ("no session", genuine.without("sid")),
        ("changed claims", format!("{}.{}x.{}", parts[0], parts[1], parts[2])),
        ("garbage", "a.b.c".to_owned()),
        ("empty", String::new()),
        ("a long one", format!("{}.{}", parts[0], "A".repeat(10_000))),
    ];
    for (what, token) in cases {
        let request = bearing(&token, pb::GetUserRequest { name: "users/me".to_owned() });
        let answer = running.users().get_user(request).await;
        assert_eq!(code(&answer), Code::Unauthenticated, "{what}");
    }
    // The same way of signing, with nothing changed, is accepted: the cases fail for their own reason.
    let same = genuine.sign(&genuine.header, &genuine.claims);
    let request = bearing(&same, pb::GetUserRequest { name: "users/me".to_owned() });
    running.users().get_user(request).await.unwrap();
}
