//! The purchase by REST, from signing up to the mail.

use serde_json::{Value, json};

use crate::support::{
    Account, Shop,
    client::{checkout_body, checkout_path, find_variant, request_id, send},
    eventually,
};

#[test]
fn a_shopper_buys_tea_and_gets_a_mail() {
    purchase(&Shop::start());
}

/// From signing up to the mail, and on to the shipment and the books.
pub fn purchase(shop: &Shop) {
    let shopper = Account::shopper(shop, "Ada@Example.com");
    let variant = find_variant(shop, "earl%20grey");
    let cart = shopper.cart(&variant, 2);
    assert_eq!(cart["subtotal"], json!({"currencyCode": "USD", "units": "25", "nanos": 800_000_000}));

    let checkout = shopper.checkout(&cart, "tok_approve").ok();
    let checkout = shopper.settled(checkout["name"].as_str().unwrap());
    assert_eq!(checkout["state"], "CHECKOUT_STATE_PLACED", "{checkout}");
    let order = shopper.get(&format!("/v1/{}", checkout["order"].as_str().unwrap())).ok();
    assert_eq!(order["state"], "ORDER_STATE_PLACED");
    assert_eq!(order["paymentState"], "PAYMENT_STATE_AUTHORISED");
    assert_eq!(order["total"], cart["subtotal"]);
    assert_eq!(order["shippingAddress"]["recipient"], "Test Person");
    assert_eq!(order["lines"][0]["quantity"], "2");

    let mail = eventually("the order mail", || {
        shop.mails().into_iter().find(|mail| mail.contains(order["number"].as_str().unwrap()))
    });
    assert!(mail.to_lowercase().contains("to: ") && mail.contains("ada@example.com"), "{mail}");
    let filter = format!("/v1/deliveries?subjectResource={}", order["name"].as_str().unwrap());
    let delivery = eventually("the delivery log", || {
        let deliveries = shopper.get(&filter).ok();
        (deliveries["deliveries"][0]["state"] == "DELIVERY_STATE_SENT").then_some(deliveries)
    });
    assert_eq!(delivery["deliveries"].as_array().unwrap().len(), 1);

    ship(shop, &order);
    let shipped = shopper.get(&format!("/v1/{}", order["name"].as_str().unwrap())).ok();
    assert_eq!(shipped["paymentState"], "PAYMENT_STATE_PAID");
    assert_eq!(shipped["fulfillmentState"], "FULFILLMENT_STATE_SHIPPED");
}

/// Ships an order and checks the books.
fn ship(shop: &Shop, order: &Value) {
    let operator = shop.operator();
    let path = format!("/v1/{}/shipments", order["name"].as_str().unwrap());
    operator.post(&path, &json!({"requestId": request_id(), "tracking": "UPS 1Z"})).ok();
    let books = operator.get("/v1/ledger:trialBalance").ok();
    assert_eq!(books["balanced"], true, "{books}");
    assert!(books["checked"].as_str().unwrap().parse::<i64>().unwrap() >= 1);
    let stock = operator.get("/v1/stock:verify").ok();
    assert_eq!(stock["differences"], json!([]));
    assert_eq!((&stock["heldTotal"], &stock["allocatedTotal"]), (&json!("0"), &json!("0")));
}

#[test]
fn checkout_twice_with_one_key_makes_one_order() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let cart = shopper.cart(&find_variant(&shop, "sencha"), 1);
    let body = checkout_body("tok_approve", &request_id());
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let calls: Vec<_> =
            (0..4).map(|_| scope.spawn(|| shopper.post(&checkout_path(&cart), &body).ok())).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    let checkout = answers[0]["name"].as_str().unwrap();
    assert!(answers.iter().all(|answer| answer["name"] == checkout));
    assert_eq!(shopper.settled(checkout)["state"], "CHECKOUT_STATE_PLACED");
    assert_eq!(shopper.get("/v1/orders").ok()["orders"].as_array().unwrap().len(), 1);

    let mut other = body.clone();
    other["paymentToken"] = json!("tok_decline");
    let reused = shopper.post(&checkout_path(&cart), &other).refused(400, 3);
    assert!(reused.to_string().contains("IDEMPOTENCY_KEY_REUSED"), "{reused}");
}

#[test]
fn a_declined_card_buys_nothing_and_holds_nothing() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let cart = shopper.cart(&find_variant(&shop, "sencha"), 3);
    let refusal = shopper.checkout(&cart, "tok_decline").refused(400, 9);
    assert!(refusal.to_string().contains("PAYMENT_DECLINED"), "{refusal}");
    let cart = shopper.get(&format!("/v1/{}", cart["name"].as_str().unwrap())).ok();
    assert_eq!(cart["state"], "CART_STATE_ACTIVE");
    let stock = shop.operator().get("/v1/stock:verify").ok();
    assert_eq!((&stock["heldTotal"], &stock["allocatedTotal"]), (&json!("0"), &json!("0")));
    // The same cart can be bought with a better card.
    let checkout = shopper.checkout(&cart, "tok_timeout_then_approve").ok();
    assert_eq!(shopper.settled(checkout["name"].as_str().unwrap())["state"], "CHECKOUT_STATE_PLACED");
}

#[test]
fn anyone_may_look_but_not_buy() {
    let shop = Shop::start();
    let get = |path: &str| send("GET", &format!("{}{path}", shop.url()), None, None).unwrap();
    assert!(!get("/v1/products").ok()["products"].as_array().unwrap().is_empty());
    assert_eq!(get("/health").ok()["status"], "ok");
    let status = get("/api/status").ok();
    assert_eq!(status["state"], "SYSTEM_STATE_OPERATIONAL", "{status}");
    assert_eq!(status["services"].as_array().unwrap().len(), 7);
    assert!(get("/").body.as_str().unwrap().contains("<title>shopmesh</title>"));
    let cart = json!({"requestId": request_id()});
    send("POST", &format!("{}/v1/carts", shop.url()), None, Some(&cart)).unwrap().refused(401, 16);
    send("GET", &format!("{}/v1/orders", shop.url()), Some("not.a.token"), None).unwrap().refused(401, 16);
}
