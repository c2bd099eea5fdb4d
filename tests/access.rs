//! Who may do what: nobody sees or changes what belongs to another.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Account, Shop,
    client::{checkout_body, checkout_path, find_variant, request_id, send},
    within,
};

fn name(resource: &Value) -> &str {
    resource["name"].as_str().unwrap()
}

#[test]
fn another_shoppers_cart_order_and_payment_are_refused() {
    let shop = Shop::start();
    let ada = Account::shopper(&shop, "ada@example.com");
    let eve = Account::shopper(&shop, "eve@example.com");
    let variant = find_variant(&shop, "assam");
    let cart = ada.cart(&variant, 1);
    let checkout = ada.checkout(&cart, "tok_approve").ok();
    let checkout = ada.settled(name(&checkout));
    let order = ada.get(&format!("/v1/{}", checkout["order"].as_str().unwrap())).ok();
    let payment = order["payment"].as_str().unwrap();

    for path in
        [name(&cart), name(&checkout), name(&order), payment, &ada.name, &format!("{}/addresses", ada.name)]
    {
        ada.get(&format!("/v1/{path}")).ok();
        eve.get(&format!("/v1/{path}")).refused(403, 7);
    }
    let lines = json!({"lines": [{"variant": variant, "quantity": 1}], "requestId": request_id()});
    eve.post(&format!("/v1/{}:addLines", name(&cart)), &lines).refused(403, 7);
    eve.post(&checkout_path(&cart), &checkout_body("tok_approve", &request_id())).refused(403, 7);
    eve.post(&format!("/v1/{}:cancel", name(&order)), &json!({"requestId": request_id()})).refused(403, 7);
    for list in ["carts", "orders", "payments"] {
        assert_eq!(eve.get(&format!("/v1/{list}")).ok()[list], json!([]), "{list}");
    }
    // What does not exist looks no different from what is somebody else's.
    let unknown = format!("/v1/orders/ord_{}", "0".repeat(26));
    eve.get(&unknown).refused(403, 7);
}

#[test]
fn staff_calls_need_the_role() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let operator = shop.operator();
    for path in [
        "/v1/users",
        "/v1/ledger:trialBalance",
        "/v1/stock:verify",
        "/v1/stock",
        "/v1/templates",
        "/v1/locations",
    ] {
        shopper.get(path).refused(403, 7);
        operator.get(path).ok();
    }
    shopper.post("/v1/products", &json!({"title": "mine"})).refused(403, 7);
    let grant = json!({"binding": {"role": "ROLE_OPERATOR"}});
    shopper.post(&format!("/v1/{}:grantRole", shopper.name), &grant).refused(403, 7);
}

#[test]
fn a_seller_changes_what_is_theirs() {
    let shop = Shop::start();
    let operator = shop.operator();
    let seller = Account::shopper(&shop, "sal@example.com");
    let grant = json!({"binding": {"role": "ROLE_SELLER", "scope": "sellers/sal"}});
    operator.post(&format!("/v1/{}:grantRole", seller.name), &grant).ok();
    let seller = Account::sign_in(&shop, "sal@example.com", "a long password");

    let mine = seller.post("/v1/products", &json!({"title": "Mine", "seller": "sellers/sal"})).ok();
    seller
        .send(
            "PATCH",
            &format!("/v1/{}?updateMask=title", name(&mine)),
            Some(&json!({"title": "Still mine"})),
        )
        .ok();
    seller.post("/v1/products", &json!({"title": "Theirs", "seller": "sellers/house"})).refused(403, 7);
    let theirs = operator.post("/v1/products", &json!({"title": "Theirs"})).ok();
    seller.post(&format!("/v1/{}:archive", name(&theirs)), &json!({})).refused(403, 7);
}

#[test]
fn a_session_ends_for_good() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let refresh = |token: &str| shopper.post("/v1/sessions:refresh", &json!({"refreshToken": token}));
    let next = refresh(&shopper.refresh_token).ok();
    // A second tab that refreshes at the same time gets the same.
    assert_eq!(refresh(&shopper.refresh_token).ok()["refreshToken"], next["refreshToken"]);
    let last = refresh(next["refreshToken"].as_str().unwrap()).ok();
    // A token from before the last one is a stolen token: the whole session ends.
    refresh(&shopper.refresh_token).refused(401, 16);
    refresh(last["refreshToken"].as_str().unwrap()).refused(401, 16);
}

#[test]
fn what_is_taken_away_is_gone_in_every_service_within_two_seconds() {
    let shop = Shop::start();
    let operator = shop.operator();
    let gone = |what: &str, holder: &Account, path: &str| {
        within(Duration::from_secs(2), what, || (holder.get(path).status == 401).then_some(()));
    };
    let seller = Account::shopper(&shop, "sal@example.com");
    let role = json!({"binding": {"role": "ROLE_SELLER", "scope": "sellers/sal"}});
    operator.post(&format!("/v1/{}:grantRole", seller.name), &role).ok();
    let seller = Account::sign_in(&shop, "sal@example.com", "a long password");
    seller.get("/v1/stock").ok();
    operator.post(&format!("/v1/{}:revokeRole", seller.name), &role).ok();
    gone("a role", &seller, "/v1/stock");

    let shopper = Account::shopper(&shop, "ada@example.com");
    let paths = ["/v1/orders", "/v1/deliveries", "/v1/carts"];
    for path in paths {
        shopper.get(path).ok();
    }
    shopper.post("/v1/sessions:signOut", &json!({"refreshToken": shopper.refresh_token})).ok();
    for path in paths {
        gone("a session", &shopper, path);
    }
}

#[test]
fn guessing_from_one_address_does_not_lock_a_person_out() {
    let shop = Shop::start();
    Account::shopper(&shop, "ada@example.com");
    let sessions = format!("{}/v1/sessions", shop.url());
    for guess in 0..12 {
        let wrong = json!({"email": "ada@example.com", "password": format!("wrong {guess}")});
        send("POST", &sessions, None, Some(&wrong)).unwrap().refused(401, 16);
    }
    Account::sign_in(&shop, "ada@example.com", "a long password");
}
