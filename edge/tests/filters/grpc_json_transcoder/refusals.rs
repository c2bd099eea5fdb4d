//! Who is refused by the head alone is told before the body is here; and how failed calls look to REST clients.

use http::StatusCode;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{SERVICES, STRICT, config, start, start_config};
use crate::{
    filters::filter,
    support::{Config, TestEdge, get, post, within},
};

/// Sends a head that announces a body, which never comes; the answer's status line.
async fn status_line(edge: &TestEdge, head: &str) -> String {
    let mut client = TcpStream::connect(edge.address).await.unwrap();
    client.write_all(format!("{head}\r\nhost: a\r\nexpect: 100-continue\r\n\r\n").as_bytes()).await.unwrap();
    let mut line = [0; 12];
    within(client.read_exact(&mut line)).await.unwrap();
    String::from_utf8_lossy(&line).into_owned()
}

#[tokio::test]
async fn a_head_that_is_refused_is_refused_before_its_body_is_here() {
    let rest = config(&format!("{SERVICES}, {STRICT}"));
    let jwt = filter(
        "envoy.filters.http.jwt_authn",
        "jwt_authn.v3.JwtAuthentication",
        "providers: { shop: { issuer: 'https://shop', remote_jwks: { http_uri: { uri: 'https://identity/.well-known/jwks.json', \
         cluster: up, timeout: 2s } } } }, rules: [{ match: { prefix: / }, requires: { requires_any: { requirements: [{ \
         provider_name: shop }, { allow_missing: {} }] } } }]",
    );
    let limit = filter(
        "limit",
        "local_ratelimit.v3.LocalRateLimit",
        "stat_prefix: l, token_bucket: { max_tokens: 2, fill_interval: 3600s }, filter_enabled: { default_value: { numerator: 100 } }, \
         filter_enforced: { default_value: { numerator: 100 } }",
    );
    let routes = "[{ match: { path: /pkg.Svc/Echo }, route: { cluster: up } }, { match: { path: /pkg.Svc/Stream }, direct_response: { status: 401 } }]";
    let config = Config { filters: rest.filters.clone() + &jwt + &limit, routes: routes.into(), ..rest };
    let (upstream, edge) = start_config(config).await;
    let json = "content-type: application/json\r\ncontent-length: 100";
    let cases = [
        ("400", format!("POST /echo/items/1?nothing=1 HTTP/1.1\r\n{json}")),
        ("404", format!("POST /nowhere HTTP/1.1\r\n{json}")),
        ("405", format!("DELETE /echo/items/1 HTTP/1.1\r\n{json}")),
        ("413", "POST /echo/items/1 HTTP/1.1\r\ncontent-length: 100000000".into()),
        ("415", "POST /echo/items/1 HTTP/1.1\r\ncontent-type: text/xml\r\ncontent-length: 100".into()),
        ("415", "POST /echo/items/1 HTTP/1.1\r\ncontent-encoding: gzip\r\ncontent-length: 100".into()),
        ("401", format!("POST /echo/items/1 HTTP/1.1\r\nauthorization: Bearer x\r\n{json}")),
        // By its route.
        ("401", format!("POST /stream/items/1 HTTP/1.1\r\n{json}")),
        // The body is wanted.
        ("100", format!("POST /echo/items/1 HTTP/1.1\r\n{json}")),
        // The bucket holds two.
        ("429", format!("POST /echo/items/1 HTTP/1.1\r\n{json}")),
    ];
    for (status, head) in cases {
        assert_eq!(status_line(&edge, &head).await, format!("HTTP/1.1 {status}"), "{head}");
    }
    assert!(upstream.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_401_says_how_to_authenticate() {
    let routes = "[{ match: { path: /direct }, direct_response: { status: 401 } }, { match: { prefix: / }, route: { cluster: up } }]";
    let rest = config(&format!("{SERVICES}, convert_grpc_status: true"));
    let (upstream, edge) = start_config(Config { routes: routes.into(), ..rest }).await;
    assert_eq!(edge.h1(get("/direct", &[])).await.header("www-authenticate"), "Bearer");
    upstream.script(&[], &[("grpc-status", "16"), ("grpc-message", "sign in")]);
    let answer = edge.h1(get("/scripted", &[])).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"));
    upstream.script(&[], &[("grpc-status", "16"), ("www-authenticate", "DPoP")]);
    assert_eq!(edge.h1(get("/scripted", &[])).await.header("www-authenticate"), "DPoP");
}

#[tokio::test]
async fn a_status_counts_whatever_http_status_it_comes_with() {
    let (upstream, edge) = start("convert_grpc_status: true").await;
    upstream.script(&[], &[("grpc-status", "8"), ("grpc-message", "slow down")]);
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE] {
        let answer = edge.h1(get("/scripted", &[("x-status", status.as_str())])).await;
        assert_eq!((answer.status, answer.header("content-type")), (429, "application/json"));
        assert_eq!(answer.json(), json!({"code": 8, "message": "slow down", "details": []}));
    }
}

#[tokio::test]
async fn an_unconverted_status_keeps_its_details() {
    let (upstream, edge) = start("auto_mapping: false").await;
    // google.rpc.Status with code 8 and an empty RetryInfo.
    let details = "CAgaKgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbw";
    upstream.script(&[], &[("grpc-status", "8"), ("grpc-status-details-bin", details)]);
    let answer = edge.h1(get("/scripted", &[])).await;
    assert_eq!((answer.status, answer.header("grpc-status-details-bin")), (429, details));
    assert_eq!((answer.body.len(), answer.header("content-type")), (0, ""), "nothing is no JSON");
}

#[tokio::test]
async fn a_token_that_is_too_long_is_told_so() {
    let jwt = filter(
        "envoy.filters.http.jwt_authn",
        "jwt_authn.v3.JwtAuthentication",
        "providers: { shop: { remote_jwks: { http_uri: { uri: 'https://identity/jwks.json', cluster: up, timeout: 2s } } } }, \
         rules: [{ match: { prefix: / }, requires: { provider_name: shop } }]",
    );
    let (_upstream, edge) = start_config(Config { filters: jwt, ..Config::default() }).await;
    let token = format!("Bearer {}", "a".repeat(9000));
    let answer = edge.h1(post("/", &[("authorization", &token)], "")).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["message"], "Jwt is longer than 8192 bytes");
}
