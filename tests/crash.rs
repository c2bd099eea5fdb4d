//! The process dies without warning, again and again, in the middle of checkouts.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};

use crate::support::{
    Account, Shop,
    client::{checkout_body, checkout_path, find_variant, request_id},
    eventually,
};

const ROUNDS: usize = 4;
const BUYERS: usize = 12;
const PASSWORD: &str = "a long password";

#[test]
fn no_order_is_lost_or_doubled_and_no_hold_is_left() {
    let mut shop = Shop::start();
    let shoppers: Vec<Account> = (0..BUYERS).map(|number| Account::shopper(&shop, &email(number))).collect();
    let variant = find_variant(&shop, "peas");
    let mut journal = Vec::new();
    for round in 0..ROUNDS {
        let tries: Vec<Try> = (0..BUYERS)
            .map(|number| {
                let shopper = Account::sign_in(&shop, &email(number), PASSWORD);
                let cart = shopper.cart(&variant, 1);
                Try { number, shopper, cart, body: checkout_body(token(round), &request_id()) }
            })
            .collect();
        let answered = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for one in &tries {
                let answered = &answered;
                scope.spawn(move || {
                    // The connection breaks when the shop dies; the journal is what counts.
                    let _ = one.shopper.try_send("POST", &checkout_path(&one.cart), Some(&one.body));
                    answered.fetch_add(1, Ordering::SeqCst);
                });
            }
            // A different moment each round: after none, three, six... were answered.
            eventually("some checkouts are answered", || {
                (answered.load(Ordering::SeqCst) >= round * 3).then_some(())
            });
            shop.kill();
        });
        shop.restart();
        journal.extend(tries);
    }
    verify(&shop, &shoppers, &journal);
}

/// A checkout, by one of the buyers.
struct Try {
    number: usize,
    shopper: Account,
    cart: Value,
    body: Value,
}

fn email(number: usize) -> String {
    format!("buyer{number}@example.com")
}

/// Rounds alternate between cards, so that a kill also meets an unknown payment.
fn token(round: usize) -> &'static str {
    if round.is_multiple_of(2) { "tok_approve" } else { "tok_timeout_then_approve" }
}

/// Repeats every checkout with its key: each has exactly one order, and the books and the stock agree.
fn verify(shop: &Shop, shoppers: &[Account], journal: &[Try]) {
    let signed_in: Vec<Account> =
        (0..BUYERS).map(|number| Account::sign_in(shop, &email(number), PASSWORD)).collect();
    let names =
        |accounts: &[Account]| accounts.iter().map(|account| account.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&signed_in), names(shoppers), "the accounts are still there");
    let orders: BTreeSet<String> = journal
        .iter()
        .map(|Try { number, cart, body, .. }| {
            let shopper = &signed_in[*number];
            let checkout = shopper.post(&checkout_path(cart), body).ok();
            let settled = shopper.settled(checkout["name"].as_str().unwrap());
            assert_eq!(settled["state"], "CHECKOUT_STATE_PLACED", "{settled}");
            settled["order"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(orders.len(), journal.len(), "one order each");

    let operator = shop.operator();
    let all = operator.list("/v1/orders", "orders");
    assert_eq!(all.len(), journal.len(), "no order that nobody asked for");
    let mut numbers: Vec<i64> =
        all.iter().map(|order| order["number"].as_str().unwrap().parse().unwrap()).collect();
    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "numbers have no gaps: {numbers:?}");

    let stock = operator.get("/v1/stock:verify").ok();
    let expected = json!(journal.len().to_string());
    assert_eq!(
        (&stock["differences"], &stock["heldTotal"], &stock["allocatedTotal"]),
        (&json!([]), &json!("0"), &expected)
    );
    let books = operator.get("/v1/ledger:trialBalance").ok();
    assert_eq!(books["balanced"], true, "{books}");
    eventually("one mail per order", || {
        let deliveries = operator.list("/v1/deliveries", "deliveries");
        let placed = deliveries.iter().filter(|delivery| delivery["template"] == "order-placed");
        let subjects: Vec<&str> =
            placed.map(|delivery| delivery["subjectResource"].as_str().unwrap()).collect();
        let distinct: BTreeSet<&str> = subjects.iter().copied().collect();
        assert_eq!(distinct.len(), subjects.len(), "no order is announced twice");
        (distinct.len() == journal.len()).then_some(())
    });
}
