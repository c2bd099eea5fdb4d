//! Bad input gets a clear error with the right code, and nothing happens.

use crate::support::{
    Account, Shop,
    client::{checkout_body, checkout_path, find_variant, request_id, send},
};
use serde_json::{Value, json};

/// The fields that an INVALID_ARGUMENT names.
fn fields(body: &Value) -> Vec<&str> {
    let details = body["details"].as_array().unwrap();
    let bad =
        details.iter().find(|detail| detail["@type"] == "type.googleapis.com/google.rpc.BadRequest").unwrap();
    bad["fieldViolations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|violation| violation["field"].as_str().unwrap())
        .collect()
}

#[test]
fn malformed_values_are_named_by_field() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let variant = find_variant(&shop, "assam");
    let line = |variant: &str, quantity: i64| json!([{"variant": variant, "quantity": quantity}]);
    let cases = [
        (json!({"requestId": "1"}), "request_id"),
        (json!({"requestId": request_id(), "channel": "channels/NO"}), "channel"),
        (json!({"requestId": request_id(), "lines": line("variants/1", 1)}), "lines[0].variant"),
        (json!({"requestId": request_id(), "lines": line(&variant, 0)}), "lines[0].quantity"),
        (json!({"requestId": request_id(), "lines": line(&variant, -1)}), "lines[0].quantity"),
        (json!({"requestId": request_id(), "lines": line(&variant, 10_001)}), "lines[0].quantity"),
    ];
    for (body, field) in cases {
        assert_eq!(fields(&shopper.post("/v1/carts", &body).refused(400, 3)), [field], "{body}");
    }
    assert_eq!(shopper.get("/v1/carts").ok()["carts"], json!([]), "nothing was written");

    for (path, field) in [
        ("/v1/products?pageSize=-1", "page_size"),
        ("/v1/products?pageToken=nonsense", "page_token"),
        ("/v1/products?filter=price%3E1", "filter"),
        ("/v1/products/prd_1", "name"),
    ] {
        assert_eq!(fields(&shopper.get(path).refused(400, 3)), [field], "{path}");
    }
    // Above the maximum is lowered, not refused (AIP-158).
    shopper.get("/v1/products?pageSize=100000").ok();
}

#[test]
fn malformed_json_and_unknown_paths() {
    let shop = Shop::start();
    let send_raw = |path: &str, body: &str| {
        let response = ureq::post(format!("{}{path}", shop.url()))
            .config()
            .http_status_as_error(false)
            .build()
            .header("content-type", "application/json")
            .send(body)
            .unwrap();
        response.status().as_u16()
    };
    for body in ["{", "[1]", "{\"email\": 1}", "{\"email\": \"a@b.c\",}", "\u{feff}{}", &"[".repeat(100_000)]
    {
        assert_eq!(send_raw("/v1/sessions", body), 400, "{}", &body[..body.len().min(40)]);
    }
    assert_eq!(send_raw("/v1/nowhere", "{}"), 404);
    assert_eq!(send_raw("/v1/sessions", &format!("{{\"email\": \"{}\"}}", "x".repeat(2_000_000))), 413);
    assert_eq!(
        send("GET", &format!("{}/v1/products?nonsense=1", shop.url()), None, None).unwrap().status,
        400
    );
}

#[test]
fn states_versions_and_taken_names() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let operator = shop.operator();
    let variant = find_variant(&shop, "assam");
    let cart = shopper.cart(&variant, 1);

    let mut stale = checkout_body("tok_approve", &request_id());
    stale["etag"] = json!("\"0\"");
    shopper.post(&checkout_path(&cart), &stale).refused(409, 10);
    let mut drift = checkout_body("tok_approve", &request_id());
    drift["expectedTotal"] = json!({"currencyCode": "USD", "units": "1"});
    assert!(
        shopper.post(&checkout_path(&cart), &drift).refused(400, 9).to_string().contains("PRICE_CHANGED")
    );
    let mut abroad = checkout_body("tok_approve", &request_id());
    abroad["shippingAddress"]["regionCode"] = json!("AQ");
    shopper.post(&checkout_path(&cart), &abroad).refused(400, 3);
    shopper.post(&checkout_path(&cart), &checkout_body("4242424242424242", &request_id())).refused(400, 3);

    let too_many = shopper.cart(&variant, 9_999);
    assert!(shopper.checkout(&too_many, "tok_approve").refused(400, 9).to_string().contains("STOCK"));
    let empty = shopper.post("/v1/carts", &json!({"requestId": request_id()})).ok();
    shopper.checkout(&empty, "tok_approve").refused(400, 9);

    operator.post("/v1/products", &json!({"title": "Copy", "code": "earl-grey-loose"})).refused(409, 6);
    operator.post("/v1/locations", &json!({"name": "locations/east", "title": "Elsewhere"})).refused(409, 6);
    let wrong = json!({"title": "x", "variants": [{"sku": "X1", "prices": [{"channel": "channels/default", "amount": {"currencyCode": "EUR", "units": "1"}}]}]});
    operator.post("/v1/products", &wrong).refused(400, 3);
}

#[test]
fn sign_up_does_not_tell_who_has_an_account() {
    let shop = Shop::start();
    let sign_up = || {
        let body = json!({"email": "ada@example.com", "password": "a long password"});
        send("POST", &format!("{}/v1/users:signUp", shop.url()), None, Some(&body)).unwrap().ok()
    };
    assert_eq!(sign_up(), sign_up());
    let sign_in = |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        send("POST", &format!("{}/v1/sessions", shop.url()), None, Some(&body)).unwrap().refused(401, 16)
    };
    assert_eq!(sign_in("ada@example.com", "wrong password"), sign_in("nobody@example.com", "wrong password"));
}
