//! Values that no call takes: each is INVALID_ARGUMENT and names its field.

use serde_json::{Value, json};

use super::{field_of, fields};
use crate::support::{
    Account, Shop,
    client::{checkout_body, find_variant, request_id, send, stock_product},
};

/// Asserts that each body is refused for exactly the field beside it.
fn refuse_all(by: &Account, path: &str, cases: &[(Value, &str)]) {
    let mut wrong = Vec::new();
    for (body, field) in cases {
        let answer = by.post(path, body).refused(400, 3);
        if fields(&answer) != [*field] {
            wrong.push(format!("{field}: {body}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{path}\n{}", wrong.join("\n"));
}

#[test]
fn of_carts() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let variant = find_variant(&shop, "assam");
    let line = |variant: &str, quantity: i64| json!({"requestId": request_id(), "lines": [{"variant": variant, "quantity": quantity}]});
    refuse_all(
        &shopper,
        "/v1/carts",
        &[
            (json!({"requestId": "1"}), "request_id"),
            (json!({}), "request_id"),
            (json!({"requestId": request_id(), "channel": "channels/NO"}), "channel"),
            (line("variants/1", 1), "lines[0].variant"),
            (line(&variant, 0), "lines[0].quantity"),
            (line(&variant, -1), "lines[0].quantity"),
            (line(&variant, 10_001), "lines[0].quantity"),
        ],
    );
    assert_eq!(shopper.get("/v1/carts").ok()["carts"], json!([]), "nothing was written");
}

#[test]
fn of_checkouts() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let cart = shopper.cart(&find_variant(&shop, "assam"), 1);
    let with = |pointer: &str, value: Value| {
        let mut body = checkout_body("tok_approve", &request_id());
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    refuse_all(
        &shopper,
        &format!("/v1/{}:checkout", cart["name"].as_str().unwrap()),
        &[
            (with("/requestId", json!("")), "request_id"),
            (with("/shippingAddress/regionCode", json!("us")), "shipping_address.region_code"),
            (with("/shippingAddress/regionCode", json!("XX")), "shipping_address.region_code"),
            (with("/shippingAddress/regionCode", json!("ZZ")), "shipping_address.region_code"),
            (with("/shippingAddress/recipient", json!("Ada\nBcc: x")), "shipping_address.recipient"),
            (with("/shippingAddress/recipient", json!(" ")), "shipping_address.recipient"),
            (with("/shippingAddress/lines", json!(["\u{3164}"])), "shipping_address.lines[0]"),
            (with("/shippingAddress/lines", json!([])), "shipping_address.lines"),
            (with("/shippingAddress/recipient", json!("a\u{0}b")), "shipping_address.recipient"),
            (with("/shippingAddress", Value::Null), "shipping_address"),
            (with("/paymentToken", json!("")), "payment_token"),
            (with("/paymentToken", json!("4242 4242 4242 4242")), "payment_token"),
        ],
    );
    assert_eq!(shopper.get("/v1/orders").ok()["orders"], json!([]));
}

#[test]
fn of_products() {
    let shop = Shop::start();
    let operator = shop.operator();
    let priced = |amount: Value| {
        let price = json!({"channel": "channels/default", "amount": amount});
        json!({"title": "x", "variants": [{"sku": "X1", "prices": [price]}]})
    };
    let amount = "product.variants[0].prices[0].amount";
    refuse_all(
        &operator,
        "/v1/products",
        &[
            (json!({}), "product.title"),
            (json!({"title": "x".repeat(201)}), "product.title"),
            (json!({"title": "bell\u{7}"}), "product.title"),
            (json!({"title": "two\nlines"}), "product.title"),
            (json!({"title": "\u{200B}\u{2800} "}), "product.title"),
            (json!({"title": "turned \u{202E}around"}), "product.title"),
            (json!({"title": "x", "brand": "two\nlines"}), "product.brand"),
            (json!({"title": "x", "variants": [{"sku": "a-B"}, {"sku": "A-b"}]}), "product.variants[1].sku"),
            (json!({"title": "x", "code": "Not A Slug"}), "product.code"),
            (json!({"title": "x", "category": "categories/tea"}), "product.category"),
            (json!({"title": "x", "state": 99}), "product.state"),
            (json!({"title": "x", "variants": [{"sku": "with space"}]}), "product.variants[0].sku"),
            (json!({"title": "x", "variants": [{"sku": "A"}, {"sku": "A"}]}), "product.variants[1].sku"),
            (json!({"title": "x", "attributes": [{"key": "color", "text": "red"}]}), "product.attributes[0]"),
            (
                json!({"title": "x", "attributes": [{"key": "organic", "text": "no"}]}),
                "product.attributes[0]",
            ),
            (priced(json!({"currencyCode": "USD", "units": "-1"})), amount),
            (priced(json!({"currencyCode": "USD"})), amount),
            (priced(json!({"currencyCode": "USD", "units": "1", "nanos": 1})), &format!("{amount}.nanos")),
            (
                priced(json!({"currencyCode": "USD", "units": "1", "nanos": -10_000_000})),
                &format!("{amount}.nanos"),
            ),
            (priced(json!({"currencyCode": "EUR", "units": "1"})), &format!("{amount}.currency_code")),
            (priced(json!({"currencyCode": "DUCATS", "units": "1"})), &format!("{amount}.currency_code")),
        ],
    );
}

#[test]
fn of_masks_pages_and_filters() {
    let shop = Shop::start();
    let operator = shop.operator();
    let product = operator.post("/v1/products", &json!({"title": "x"})).ok();
    for mask in ["nonsense", "title,,brand", "state", "variants.sku"] {
        let path = format!("/v1/{}?updateMask={mask}", product["name"].as_str().unwrap());
        let refused = operator.send("PATCH", &path, Some(&json!({"title": "y"}))).refused(400, 3);
        assert!(field_of(&refused).contains("ask"), "{mask}: {refused}");
    }

    let next = operator.get("/v1/products?pageSize=1").ok()["nextPageToken"].as_str().unwrap().to_owned();
    operator.get(&format!("/v1/products?pageSize=1&pageToken={next}")).ok();
    for (path, field) in [
        ("/v1/products?pageSize=-1".to_owned(), "page_size"),
        ("/v1/products?pageToken=nonsense".to_owned(), "page_token"),
        (format!("/v1/products?filter=brand%3D%22x%22&pageToken={next}"), "page_token"),
        (format!("/v1/categories?pageToken={next}"), "page_token"),
        ("/v1/products?filter=price%3E1".to_owned(), "filter"),
        ("/v1/products?filter=brand".to_owned(), "filter"),
        ("/v1/products/prd_1".to_owned(), "name"),
        ("/v1/products:search?minPriceMinor=2&maxPriceMinor=1".to_owned(), "max_price_minor"),
    ] {
        assert_eq!(fields(&operator.get(&path).refused(400, 3)), [field], "{path}");
    }
    // Above the maximum is lowered, not refused (AIP-158).
    operator.get("/v1/products?pageSize=100000").ok();
}

#[test]
fn of_people() {
    let shop = Shop::start();
    let password = "a long password";
    for (body, field) in [
        (json!({"email": "ada", "password": password}), "email"),
        (json!({"email": "ada@@example.com", "password": password}), "email"),
        (json!({"email": "ada\n@example.com", "password": password}), "email"),
        (json!({"email": "ada@example.com", "password": "short"}), "password"),
        (json!({"email": "ada@example.com", "password": password, "locale": "English"}), "locale"),
        (
            json!({"email": "ada@example.com", "password": password, "displayName": "\u{1b}[2J"}),
            "display_name",
        ),
    ] {
        let url = format!("{}/v1/users:signUp", shop.url());
        assert_eq!(
            fields(&send("POST", &url, None, Some(&body)).unwrap().refused(400, 3)),
            [field],
            "{body}"
        );
    }
}

#[test]
fn of_stock_and_refunds() {
    let shop = Shop::start();
    let operator = shop.operator();
    let variant = stock_product(&operator, "scarce", 3);
    let with = |field: &str, value: Value| {
        let mut body = json!({
            "variant": variant, "location": "locations/east", "delta": "1",
            "reason": "MOVEMENT_REASON_RECEIVED", "requestId": request_id(),
        });
        body[field] = value;
        body
    };
    refuse_all(
        &operator,
        "/v1/stock:adjust",
        &[
            (with("delta", json!("0")), "delta"),
            (with("delta", json!("9000000000000000000")), "delta"),
            (with("location", json!("locations/nowhere")), "location"),
            (with("reason", json!("MOVEMENT_REASON_UNSPECIFIED")), "reason"),
            (with("reason", json!(77)), "reason"),
            (with("variant", json!("variants/var_1")), "variant"),
        ],
    );

    let shopper = Account::shopper(&shop, "ada@example.com");
    let payment = format!("/v1/{}/refunds", shopper.buys(&variant)["payment"].as_str().unwrap());
    let refund = |currency: &str, units: &str| json!({"requestId": request_id(), "amount": {"currencyCode": currency, "units": units}});
    refuse_all(
        &operator,
        &payment,
        &[
            (refund("USD", "0"), "amount"),
            (refund("USD", "-1"), "amount"),
            (refund("EUR", "1"), "amount.currency_code"),
            (json!({"requestId": request_id()}), "amount"),
        ],
    );
}
