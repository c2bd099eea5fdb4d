//! Many at once.

use serde_json::json;

use crate::support::{
    Account, Shop,
    client::{send, stock_product},
};

#[test]
fn fifty_buyers_for_ten_items_buy_exactly_ten() {
    let shop = Shop::start();
    let operator = shop.operator();
    let variant = stock_product(&operator, "rare-cup", 10);
    let states: Vec<String> = std::thread::scope(|scope| {
        let buyers: Vec<_> = (0..50)
            .map(|number| {
                let (shop, variant) = (&shop, &variant);
                scope.spawn(move || {
                    let buyer = Account::shopper(shop, &format!("buyer{number}@example.com"));
                    let cart = buyer.cart(variant, 1);
                    let answer = buyer.checkout(&cart, "tok_approve");
                    if answer.status != 200 {
                        assert!(answer.refused(400, 9).to_string().contains("STOCK"));
                        return "refused".to_owned();
                    }
                    let checkout = buyer.settled(answer.body["name"].as_str().unwrap());
                    checkout["state"].as_str().unwrap().to_owned()
                })
            })
            .collect();
        buyers.into_iter().map(|buyer| buyer.join().unwrap()).collect()
    });
    let placed = states.iter().filter(|state| *state == "CHECKOUT_STATE_PLACED").count();
    assert_eq!(placed, 10, "{states:?}");
    let stock = operator.get("/v1/stock:verify").ok();
    assert_eq!(
        (&stock["differences"], &stock["allocatedTotal"], &stock["heldTotal"]),
        (&json!([]), &json!("10"), &json!("0"))
    );
    assert_eq!(operator.get("/v1/orders").ok()["orders"].as_array().unwrap().len(), 10);
}

#[test]
fn the_rate_limit_bites_and_says_when_to_come_back() {
    let shop = Shop::start_with(&[]);
    let url = format!("{}/v1/products?pageSize=1", shop.url());
    let answers: Vec<_> = (0..60).map(|_| send("GET", &url, None, None).unwrap()).collect();
    let limited: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(answers.iter().take(20).all(|answer| answer.status == 200), "a burst of 20 passes");
    assert!(!limited.is_empty());
    assert_eq!(limited[0].body["code"], 8, "{}", limited[0].body);
    // Health is not limited.
    let health = format!("{}/health", shop.url());
    assert!((0..60).all(|_| send("GET", &health, None, None).unwrap().status == 200));
}
