//! Requests that are no call at all: not JSON, too large, nowhere, without a valid token, or out of time.

use std::process::Command;

use super::detail;
use crate::support::{
    Account, Shop,
    client::{request_id, send},
};

/// Sends a body as it is.
fn send_raw(shop: &Shop, path: &str, body: &str) -> u16 {
    let response = ureq::post(format!("{}{path}", shop.url()))
        .config()
        .http_status_as_error(false)
        .build()
        .header("content-type", "application/json")
        .send(body)
        .unwrap();
    response.status().as_u16()
}

#[test]
fn malformed_json() {
    let shop = Shop::start();
    for body in [
        "{",
        "[1]",
        "{\"email\": 1}",
        "{\"email\": \"a@b.c\",}",
        "{\"email\": \"a@b.c\", \"email\": \"d@e.f\"}",
        "{\"email\": \"\\ud800\"}",
        "{\"email\": \"a@b.c\"} {}",
        "\u{feff}{}",
        &"[".repeat(100_000),
    ] {
        assert_eq!(send_raw(&shop, "/v1/sessions", body), 400, "{}", &body[..body.len().min(40)]);
    }
}

#[test]
fn unknown_paths_methods_and_parameters() {
    let shop = Shop::start();
    assert_eq!(send_raw(&shop, "/v1/nowhere", "{}"), 404);
    let status =
        |method: &str, path: &str| send(method, &format!("{}{path}", shop.url()), None, None).unwrap().status;
    assert_eq!(status("DELETE", "/v1/products"), 405);
    assert_eq!(status("GET", "/v1/products?nonsense=1"), 400);
    assert_eq!(status("GET", "/v1/products?pageSize=many"), 400);
    assert_eq!(status("GET", "/v1/products/%00"), 400);
}

#[test]
fn too_large() {
    let shop = Shop::start();
    let email = "x".repeat(2_000_000);
    assert_eq!(send_raw(&shop, "/v1/sessions", &format!("{{\"email\": \"{email}\"}}")), 413);
    // As gRPC: RESOURCE_EXHAUSTED.
    let address = format!("127.0.0.1:{}", shop.port(8080));
    let body = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(body.path(), format!("{{\"email\": \"{}\"}}", "x".repeat(5_000_000))).unwrap();
    let output = Command::new("grpcurl")
        .args(["-plaintext", "-d", "@", &address, "shopmesh.identity.v1.AuthService/SignIn"])
        .stdin(body.reopen().unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("ResourceExhausted"), "{text}");
}

#[test]
fn bad_credentials() {
    let shop = Shop::start();
    let ada = Account::shopper(&shop, "ada@example.com");
    let (head, signature) = ada.token.rsplit_once('.').unwrap();
    let none = "eyJhbGciOiJub25lIn0";
    let claims = head.split_once('.').unwrap().1;
    let flipped: String = signature.chars().rev().collect();
    let orders = format!("{}/v1/orders", shop.url());
    for token in [
        "",
        "x",
        "a.b.c",
        head,
        &format!("{head}."),
        &format!("{head}.{flipped}"),
        &format!("{none}.{claims}."),
    ] {
        let answer = send("GET", &orders, Some(token), None).unwrap();
        assert_eq!(answer.status, 401, "{token}: {}", answer.body);
    }
    send("GET", &orders, None, None).unwrap().refused(401, 16);
}

#[test]
fn a_deadline_that_has_passed() {
    let shop = Shop::start();
    let ada = Account::shopper(&shop, "ada@example.com");
    let answer = ureq::post(format!("{}/v1/carts", shop.url()))
        .config()
        .http_status_as_error(false)
        .build()
        .header("authorization", format!("Bearer {}", ada.token))
        .header("grpc-timeout", "1n")
        .send(format!("{{\"requestId\": \"{}\"}}", request_id()))
        .unwrap();
    assert_eq!(answer.status(), 504);
    assert_eq!(ada.get("/v1/carts").ok()["carts"], serde_json::json!([]));
}

#[test]
fn over_the_rate_limit() {
    let shop = Shop::start_with(&[]);
    let url = format!("{}/v1/products?pageSize=1", shop.url());
    let limited = (0..60).map(|_| send("GET", &url, None, None).unwrap()).find(|answer| answer.status == 429);
    let body = limited.expect("60 requests at once are too many").refused(429, 8);
    assert!(body["message"].as_str().unwrap().contains("too many"), "{body}");
    assert!(detail(&body, "google.rpc.RetryInfo")["retryDelay"].is_string(), "{body}");
}
