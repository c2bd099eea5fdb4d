//! What one person writes makes nobody's list fail.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Account, Shop, client::send};

/// A product as large as the shop takes it: many variants, or long texts that JSON has to escape.
fn large(number: usize) -> Value {
    let amount = json!({"currencyCode": "USD", "units": "1"});
    let price = json!([{"channel": "channels/default", "amount": amount}]);
    let (variants, text) =
        if number.is_multiple_of(2) { (730, "<".repeat(200)) } else { (2000, String::new()) };
    let variant =
        |variant: usize| json!({"sku": format!("L{number}-{variant}"), "title": text, "prices": price});
    json!({"title": format!("Large {number}"), "variants": (0..variants).map(variant).collect::<Vec<_>>()})
}

#[test]
fn large_products_leave_the_public_list_whole() {
    lists_whole(&Shop::start());
}

#[test]
fn large_products_leave_the_list_of_envoy_whole() {
    lists_whole(&Shop::behind_envoy(&["--rate-limit", "off"]));
}

fn lists_whole(shop: &Shop) {
    let operator = shop.operator();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for number in 0..6 {
        let product = operator.post("/v1/products", &large(number)).ok();
        let name = product["name"].as_str().unwrap().to_owned();
        operator.post(&format!("/v1/{name}:publish"), &json!({})).ok();
        let seen = send("GET", &format!("{}/v1/{name}", shop.url()), None, None).unwrap().ok();
        assert_eq!(seen["variants"], product["variants"]);
        names.insert(name);
    }
    let shopper = Account::shopper(shop, "ada@example.com");
    let listed = shopper.list("/v1/products", "products");
    let listed: BTreeSet<&str> = listed.iter().map(|product| product["name"].as_str().unwrap()).collect();
    assert!(names.iter().all(|name| listed.contains(name.as_str())), "{names:?}");
}
