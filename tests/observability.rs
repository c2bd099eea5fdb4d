//! What a running shop tells: one trace for a request's whole way, logs without secrets.

use serde_json::{Value, json};

use crate::support::{
    Account, Shop,
    client::{checkout_body, checkout_path, find_variant, request_id},
    eventually,
};

/// Log lines, as objects.
fn lines(shop: &Shop) -> Vec<Value> {
    shop.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn a_checkout_is_one_trace_across_edge_services_and_bus() {
    let shop = Shop::start_with(&["--rate-limit", "off", "--log", "info", "--log-format", "json"]);
    let shopper = Account::shopper(&shop, "ada@example.com");
    let cart = shopper.cart(&find_variant(&shop, "assam"), 1);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let answer = ureq::post(format!("{}{}", shop.url(), checkout_path(&cart)))
        .header("authorization", format!("Bearer {}", shopper.token))
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .send(checkout_body("tok_approve", &request_id()).to_string())
        .unwrap();
    assert_eq!(answer.status(), 200);
    for (what, part) in [
        ("the edge", ":checkout"),
        ("orders", "orders.v1.CheckoutService/StartCheckout"),
        ("catalog", "catalog.v1.QuoteService/QuoteVariants"),
        ("inventory", "inventory.v1.ReservationService/Reserve"),
        ("payments", "payments.v1.PaymentFlowService/AuthorizePayment"),
        ("inventory, at the end", "inventory.v1.ReservationService/CommitReservation"),
        ("notifications, by the event", "event handled"),
    ] {
        eventually(&format!("a line of {what} in the trace"), || {
            let texts = lines(&shop).into_iter().map(|line| line.to_string());
            texts.into_iter().find(|line| line.contains(trace) && line.contains(part))
        });
    }
}

#[test]
fn a_request_without_a_trace_begins_one_at_the_edge() {
    let shop = Shop::start_with(&["--rate-limit", "off", "--log", "info", "--log-format", "json"]);
    let shopper = Account::shopper(&shop, "ada@example.com");
    shopper.get("/v1/carts").ok();
    let line = eventually("the edge's line", || {
        lines(&shop).into_iter().find(|line| line["target"] == "access" && line["path"] == "/v1/carts")
    });
    let trace = line["trace"].as_str().unwrap();
    eventually("the same trace at orders", || {
        let texts = lines(&shop).into_iter().map(|line| line.to_string());
        texts.into_iter().find(|line| line.contains(trace) && line.contains("CartService/ListCarts"))
    });
}

#[test]
fn no_secret_reaches_the_log() {
    let shop = Shop::start_with(&["--rate-limit", "off", "--log", "debug", "--log-format", "json"]);
    let shopper = Account::shopper(&shop, "ada@example.com");
    let sessions = "/v1/sessions:refresh";
    shopper.post(sessions, &json!({"refreshToken": shopper.refresh_token})).ok();
    let address = json!({"recipient": "Secret Recipient", "lines": ["1 Secret Street"], "locality": "Portland", "regionCode": "US"});
    shopper.post("/v1/users/me/addresses", &address).ok();
    let order = shopper.buys(&find_variant(&shop, "assam"));
    let number = order["number"].as_str().unwrap();
    eventually("the mail", || shop.mails().into_iter().find(|mail| mail.contains(number)));
    // What is refused is a temptation to log the request.
    shopper
        .post("/v1/sessions", &json!({"email": "ada@example.com", "password": "a wrong secret"}))
        .refused(401, 16);
    shopper.checkout(&shopper.cart(&find_variant(&shop, "assam"), 1), "tok_secret_nonsense");
    shopper.checkout(&shopper.cart(&find_variant(&shop, "assam"), 1), "4242424242424242").refused(400, 3);

    let log = shop.log();
    assert!(log.contains("StartCheckout"), "the log is on");
    for secret in [
        "a long password",
        "a wrong secret",
        "demo-password\"",
        "ada@example.com",
        "Secret Recipient",
        "1 Secret Street",
        "Harbour Street",
        "tok_approve",
        "tok_secret_nonsense",
        "4242424242424242",
        shopper.token.as_str(),
        shopper.token.rsplit('.').next().unwrap(),
        shopper.refresh_token.as_str(),
    ] {
        let line = log.lines().find(|line| line.contains(secret) && line.starts_with('{'));
        assert!(line.is_none(), "{secret}: {line:?}");
    }
}
