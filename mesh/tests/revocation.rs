//! Tokens that identity takes back before they expire.

use std::{future::Future, net::SocketAddr, time::Duration};

use serde_json::json;
use shopmesh_mesh::{
    ServiceName,
    net::Drain,
    server::{JwksVerifier, TokenError, TokenVerifier},
    telemetry::Metrics,
    workload::SpiffeId,
};
use shopmesh_proto::{
    identity::v1::auth_service_server::AuthServiceServer,
    inventory::v1::{ListStockRequest, WatchStockRequest},
};
use tonic::{Code, service::Routes};

use crate::{
    authorization::{Shop, code, with_token},
    support::{ENDLESS, TokenIssuer, World, variant},
};

const SELLER: &[(&str, &str)] = &[("seller", "sellers/house")];
/// What is promised.
const SOON: Duration = Duration::from_secs(2);

/// A token of a session, that names a version of the account.
fn token(issuer: &TokenIssuer, session: &str, version: i64) -> String {
    let mut claims = issuer.claims("users/usr_1", SELLER);
    claims["sid"] = json!(session);
    claims["account_version"] = json!(version);
    issuer.sign(&issuer.header(), &claims)
}

async fn soon<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let polling = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(SOON, polling).await.is_ok(), "{what}");
}

async fn list_at(shop: &Shop, address: SocketAddr, token: &str) -> Code {
    let message = ListStockRequest { variant: variant(1), ..ListStockRequest::default() };
    code(shop.world.edge(address).list_stock(with_token(message, Some(token))).await)
}

#[tokio::test]
async fn a_session_that_ended_is_refused_by_every_server() {
    let shop = Shop::open().await;
    let (ended, other) = (token(&shop.issuer, "sessions/a", 1), token(&shop.issuer, "sessions/b", 1));
    let (second, _following) = shop.another_server().await;
    let servers = [shop.server.address, second.address];
    for server in servers {
        assert_eq!(list_at(&shop, server, &ended).await, Code::Ok);
    }
    shop.issuer.revoke("sessions/a", 0);
    for server in servers {
        soon("refused", || async { list_at(&shop, server, &ended).await == Code::Unauthenticated }).await;
        assert_eq!(list_at(&shop, server, &other).await, Code::Ok);
    }
    // A server that starts knows of it before it takes its first token.
    let (late, _following) = shop.another_server().await;
    assert_eq!(list_at(&shop, late.address, &ended).await, Code::Unauthenticated);
    assert_eq!(list_at(&shop, late.address, &other).await, Code::Ok);
}

#[tokio::test]
async fn what_was_taken_from_an_account_is_gone_from_older_tokens_only() {
    let shop = Shop::open().await;
    let (old, new) = (token(&shop.issuer, "sessions/a", 4), token(&shop.issuer, "sessions/a", 5));
    assert_eq!(shop.list(1, Some(&old)).await, Code::Ok);
    shop.issuer.revoke("users/usr_1", 5);
    soon("refused", || async { shop.list(1, Some(&old)).await == Code::Unauthenticated }).await;
    assert_eq!(shop.list(1, Some(&new)).await, Code::Ok);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_is_taken_back() {
    let shop = Shop::open().await;
    let message = || WatchStockRequest { variants: vec![variant(ENDLESS)] };
    let of_nobody = shop.world.edge(shop.server.address).watch_stock(message()).await.unwrap();
    let token = token(&shop.issuer, "sessions/a", 1);
    let request = with_token(message(), Some(&token));
    let mut stream = shop.world.edge(shop.server.address).watch_stock(request).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    shop.issuer.revoke("sessions/a", 0);
    let end = async {
        loop {
            if let Err(status) = stream.message().await {
                return status.code();
            }
        }
    };
    assert_eq!(tokio::time::timeout(SOON, end).await.unwrap(), Code::Unauthenticated);
    assert!(of_nobody.into_inner().message().await.unwrap().is_some(), "nobody's token was taken back");
}

#[tokio::test]
async fn without_identity_what_is_known_stays_and_a_server_that_starts_takes_no_token() {
    let mut shop = Shop::open().await;
    let (ended, other) = (token(&shop.issuer, "sessions/a", 1), token(&shop.issuer, "sessions/b", 1));
    assert_eq!(shop.list(1, Some(&ended)).await, Code::Ok);
    shop.issuer.revoke("sessions/a", 0);
    soon("refused", || async { shop.list(1, Some(&ended)).await == Code::Unauthenticated }).await;
    shop.stop_identity().await;
    assert_eq!(shop.list(1, Some(&ended)).await, Code::Unauthenticated);
    assert_eq!(shop.list(1, Some(&other)).await, Code::Ok);
    let (late, _following) = shop.another_server().await;
    assert_eq!(list_at(&shop, late.address, &other).await, Code::Unavailable);
}

#[tokio::test]
async fn keys_without_the_list_are_not_enough() {
    let (world, issuer) = (World::new(), TokenIssuer::new());
    let routes = Routes::new(AuthServiceServer::new(issuer.clone()));
    let identity = world.serve_routes(ServiceName::Identity, routes, None, Metrics::default()).await;
    let inventory = SpiffeId::service(ServiceName::Inventory);
    let verifier = JwksVerifier::new(world.client(&inventory, ServiceName::Identity, identity.address));
    let (_trigger, drain) = Drain::new();
    let token = token(&issuer, "sessions/a", 1);
    tokio::select! {
        outcome = verifier.verify(&token) => assert_eq!(outcome, Err(TokenError::Unavailable)),
        () = verifier.follow(drain) => panic!("nobody ends it"),
    }
}
