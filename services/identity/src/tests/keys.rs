//! Signing keys: kept over restarts, published before they sign, rotated without refusing a token.

use serde_json::Value;
use shopmesh_kit::clock::Clock;
use shopmesh_proto::identity::v1::GetJwksRequest;

use super::{PASSWORD, Running, after, open};
use crate::{
    IdentityHandle,
    domain::{
        key_schedule::{GRACE, LIFETIME},
        session::{Granted, Session},
    },
    grpc,
    ids::UserId,
    workflows::housekeeping,
};

const MEDIA_TYPE: &str = "application/jwk-set+json";

fn key_ids(jwks: &[u8]) -> Vec<String> {
    let jwks: Value = serde_json::from_slice(jwks).unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    for key in keys {
        assert_eq!((key["kty"].as_str(), key["crv"].as_str()), (Some("OKP"), Some("Ed25519")));
        assert!(key.get("d").is_none(), "private keys stay private");
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The id of the key that signs now.
fn signing(running: &Running) -> String {
    let session = Session::open(UserId::generate(), running.clock.now());
    let token = running.app.keys.sign(&Granted { session, version: 1, bindings: Vec::new() });
    jsonwebtoken::decode_header(token.unwrap()).unwrap().kid.unwrap()
}

#[tokio::test]
async fn the_rpc_and_the_document_list_the_current_and_the_next_key() {
    let running = Running::start().await;
    let rpc = running.auth().get_jwks(GetJwksRequest {}).await.unwrap().into_inner();
    assert_eq!(rpc.content_type, MEDIA_TYPE);
    let route = grpc::jwks_document(running.app.clone());
    for peer in ["edge", "operator", "orders"] {
        assert!(route.peers.iter().any(|rule| rule == peer), "{peer}");
    }
    let document = (route.handler)().await;
    assert_eq!(document.headers()["content-type"], MEDIA_TYPE);
    assert_eq!(document.body(), &rpc.data);
    let ids = key_ids(&rpc.data);
    assert_eq!((ids.len(), &ids[0]), (2, &signing(&running)));
}

#[tokio::test]
async fn rotation_keeps_every_living_token_valid() {
    let running = Running::start().await;
    let ids = key_ids(&running.app.keys.jwks());
    running.clock.advance(after(LIFETIME));
    assert_eq!(signing(&running), ids[1], "the next key signs without anybody's doing");
    housekeeping::once(&running.app).await.unwrap();
    let during = key_ids(&running.app.keys.jwks());
    assert_eq!((during.len(), &during[..2]), (3, &ids[..]));
    running.clock.advance(GRACE);
    housekeeping::once(&running.app).await.unwrap();
    assert_eq!(key_ids(&running.app.keys.jwks()), during[1..]);
}

#[tokio::test]
async fn a_restart_keeps_keys_accounts_and_sessions() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    let again = std::sync::Arc::new(open(&running.folder, &running.clock).await);
    assert_eq!(again.keys.jwks(), running.app.keys.jwks());
    let claims = IdentityHandle { app: again }.token_verifier();
    let claims = claims.verify(&ann.access_token).await.unwrap();
    assert_eq!(claims.subject, ann.user);
    assert_eq!(running.sign_in("ann@example.com", PASSWORD).await.unwrap().user, ann.user);
}
