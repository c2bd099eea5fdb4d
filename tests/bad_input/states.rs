//! Calls that come at the wrong time, twice with different content, or for a name that is taken.

use serde_json::{Value, json};

use super::{detail, fields, preconditions};
use crate::support::{
    Account, Shop,
    client::{checkout_body, checkout_path, find_variant, request_id, send, stock_product},
};

fn reason(body: &Value) -> &str {
    detail(body, "google.rpc.ErrorInfo")["reason"].as_str().unwrap()
}

#[test]
fn a_checkout_of_what_is_not_there_any_more() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let variant = find_variant(&shop, "assam");
    let cart = shopper.cart(&variant, 1);

    let mut stale = checkout_body("tok_approve", &request_id());
    stale["etag"] = json!("\"0\"");
    shopper.post(&checkout_path(&cart), &stale).refused(409, 10);
    let mut drift = checkout_body("tok_approve", &request_id());
    drift["expectedTotal"] = json!({"currencyCode": "USD", "units": "1"});
    let refused = shopper.post(&checkout_path(&cart), &drift).refused(400, 9);
    assert_eq!(preconditions(&refused), ["PRICE_CHANGED"]);

    let too_many = shopper.cart(&variant, 9_999);
    assert_eq!(preconditions(&shopper.checkout(&too_many, "tok_approve").refused(400, 9)), ["STOCK"]);
    let empty = shopper.post("/v1/carts", &json!({"requestId": request_id()})).ok();
    assert_eq!(preconditions(&shopper.checkout(&empty, "tok_approve").refused(400, 9)), ["STATE"]);
    let unknown_token = shopper.checkout(&cart, "tok_nonsense").refused(400, 9);
    assert_eq!(preconditions(&unknown_token), ["PAYMENT_FAILED"]);
    // Refused for good reasons, the cart can still be bought.
    shopper.checkout(&cart, "tok_approve").ok();
}

#[test]
fn verbs_in_the_wrong_state() {
    let shop = Shop::start();
    let operator = shop.operator();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let variant = stock_product(&operator, "scarce", 3);
    let order = shopper.buys(&variant);
    let name = order["name"].as_str().unwrap();

    let ship = || json!({"requestId": request_id(), "tracking": "T1"});
    let shipment = format!("/v1/{name}/shipments");
    assert_eq!(
        preconditions(&operator.post(&format!("/v1/{name}:markDelivered"), &json!({})).refused(400, 9)),
        ["STATE"]
    );
    operator.post(&shipment, &ship()).ok();
    assert_eq!(preconditions(&operator.post(&shipment, &ship()).refused(400, 9)), ["STATE"]);
    let cancel = json!({"requestId": request_id()});
    assert_eq!(
        preconditions(&shopper.post(&format!("/v1/{name}:cancel"), &cancel).refused(400, 9)),
        ["STATE"]
    );

    let refund = json!({"requestId": request_id(), "amount": {"currencyCode": "USD", "units": "1000"}});
    let refunds = format!("/v1/{}/refunds", order["payment"].as_str().unwrap());
    assert_eq!(preconditions(&operator.post(&refunds, &refund).refused(400, 9)), ["LIMIT"]);

    let missing = json!({
        "variant": variant, "location": "locations/east", "delta": "-100",
        "reason": "MOVEMENT_REASON_DAMAGED", "requestId": request_id(),
    });
    assert_eq!(preconditions(&operator.post("/v1/stock:adjust", &missing).refused(400, 9)), ["STOCK"]);

    let categories = operator.get("/v1/categories").ok();
    let full = categories["categories"][0]["name"].as_str().unwrap();
    operator.send("DELETE", &format!("/v1/{full}"), None).refused(400, 9);
    let under_itself = json!({"parent": full});
    assert_eq!(
        fields(&operator.post(&format!("/v1/{full}:move"), &under_itself).refused(400, 3)),
        ["parent"]
    );
}

#[test]
fn a_request_id_belongs_to_one_request() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let variant = find_variant(&shop, "assam");
    let with = |id: &str, quantity: i64| json!({"requestId": id, "lines": [{"variant": variant, "quantity": quantity}]});
    let id = request_id();
    let cart = shopper.post("/v1/carts", &with(&id, 1)).ok();
    assert_eq!(shopper.post("/v1/carts", &with(&id, 1)).ok(), cart, "the same again is answered again");
    let reused = shopper.post("/v1/carts", &with(&id, 2)).refused(400, 3);
    assert_eq!(reason(&reused), "IDEMPOTENCY_KEY_REUSED");
    // Somebody else's id is another one.
    let eve = Account::shopper(&shop, "eve@example.com");
    assert_ne!(eve.post("/v1/carts", &with(&id, 2)).ok()["name"], cart["name"]);
}

#[test]
fn taken_names() {
    let shop = Shop::start();
    let operator = shop.operator();
    operator.post("/v1/products", &json!({"title": "Copy", "code": "earl-grey-loose"})).refused(409, 6);
    operator.post("/v1/products", &json!({"title": "A", "variants": [{"sku": "ONE"}]})).ok();
    operator.post("/v1/products", &json!({"title": "B", "variants": [{"sku": "ONE"}]})).refused(409, 6);
    operator.post("/v1/locations", &json!({"name": "locations/east", "title": "Elsewhere"})).refused(409, 6);
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
