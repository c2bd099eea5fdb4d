//! Forged, stale and foreign tokens (RFC 8725), and keys that change.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use shopmesh_proto::inventory::v1::ListStockRequest;
use tonic::Code;

use crate::{
    authorization::{Shop, with_token},
    support::variant,
};

const SELLER: &[(&str, &str)] = &[("seller", "sellers/house")];

#[tokio::test]
async fn only_our_own_fresh_tokens_count() {
    let shop = Shop::open().await;
    let issuer = &shop.issuer;
    let good = issuer.token("users/usr_1", SELLER);
    assert_eq!(shop.list(1, Some(&good)).await, Code::Ok);

    let claims = issuer.claims("users/usr_1", SELLER);
    let now = jsonwebtoken::get_current_timestamp();
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        issuer.sign(&issuer.header(), &changed)
    };
    let without = |name: &str| {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(name);
        issuer.sign(&issuer.header(), &changed)
    };
    let headed = |change: &dyn Fn(&mut Header)| {
        let mut header = issuer.header();
        change(&mut header);
        issuer.sign(&header, &claims)
    };
    let unsigned = {
        let header = json!({"alg": "none", "typ": "at+jwt", "kid": issuer.key_id()});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&header), part(&claims))
    };
    let confused = {
        let mut header = Header::new(Algorithm::HS256);
        (header.typ, header.kid) = (Some("at+jwt".into()), Some(issuer.key_id()));
        encode(&header, &claims, &EncodingKey::from_secret(&issuer.public_key())).unwrap()
    };
    let forged = [
        ("no algorithm", unsigned),
        ("our public key as a secret", confused),
        ("expired", with("exp", json!(now - 60))),
        ("from the future", with("iat", json!(now + 600))),
        ("not valid yet", with("nbf", json!(now + 600))),
        ("another issuer", with("iss", json!("https://elsewhere.example"))),
        ("another audience", with("aud", json!("bank"))),
        ("no audience", without("aud")),
        ("no expiry", without("exp")),
        ("a subject that is no user", with("sub", json!("services/orders"))),
        ("not an access token", headed(&|header| header.typ = Some("JWT".into()))),
        ("no key", headed(&|header| header.kid = None)),
        ("an unknown key", headed(&|header| header.kid = Some("../../etc/passwd".into()))),
        ("critical extensions", headed(&|header| header.crit = Some(vec!["exp".into()]))),
        ("changed", format!("{}x", &good[..good.len() - 1])),
        ("cut", good[..good.len() / 2].to_owned()),
        ("empty", String::new()),
        ("huge", "a".repeat(9000)),
    ];
    for (what, token) in forged {
        assert_eq!(shop.list(1, Some(&token)).await, Code::Unauthenticated, "{what}");
    }
    assert_eq!(shop.warehouse.runs(1), 1, "none of them reached the handler");
}

#[tokio::test]
async fn a_known_token_still_expires() {
    let shop = Shop::open().await;
    let mut claims = shop.issuer.claims("users/usr_1", SELLER);
    // Within the leeway of 5 s for some seconds more.
    claims["exp"] = json!(jsonwebtoken::get_current_timestamp() - 1);
    let token = shop.issuer.sign(&shop.issuer.header(), &claims);
    assert_eq!(shop.list(1, Some(&token)).await, Code::Ok);
    let expired = async {
        while shop.list(1, Some(&token)).await != Code::Unauthenticated {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), expired).await.expect("the token never expires");
}

#[tokio::test]
async fn a_new_key_is_fetched_and_forged_key_ids_do_not_flood_identity() {
    let shop = Shop::open().await;
    let mut header = shop.issuer.header();
    for number in 0..50 {
        header.kid = Some(format!("made-up-{number}"));
        let forged = shop.issuer.sign(&header, &shop.issuer.claims("users/usr_1", SELLER));
        assert_eq!(shop.list(1, Some(&forged)).await, Code::Unauthenticated);
    }
    assert!(shop.issuer.fetched() <= 3, "{} fetches", shop.issuer.fetched());

    shop.issuer.rotate();
    let token = shop.issuer.token("users/usr_1", SELLER);
    let accepted = async {
        while shop.list(1, Some(&token)).await != Code::Ok {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::support::TIMEOUT, accepted).await.unwrap();
}

#[tokio::test]
async fn who_is_nobody_is_told_how_to_authenticate() {
    let shop = Shop::open().await;
    let mut client = shop.world.edge(shop.server.address);
    for (token, challenge) in [(None, "Bearer"), (Some("forged"), "Bearer error=\"invalid_token\"")] {
        let message = ListStockRequest { variant: variant(1), ..ListStockRequest::default() };
        let refused = client.list_stock(with_token(message, token)).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert_eq!(refused.metadata().get("www-authenticate").unwrap(), challenge);
    }
}
