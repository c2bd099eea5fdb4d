use shopmesh_proto::{
    google::r#type::Money,
    inventory::v1::StockDifference,
    notifications::v1::DeliveryState,
    orders::v1::OrderLine,
    payments::v1::{AccountBalance, LedgerEntry, PaymentState},
};

use super::*;
use crate::replay::{
    entry::{Entry, Event, Line, Stocked, Units},
    purchase::{Ordered, Purchase},
};

const USER: &str = "users/u";
const NEIGHBOR: &str = "users/v";
const TEA: &str = "variants/tea";

fn usd(units: i64) -> Option<Money> {
    Some(Money { currency_code: "USD".to_owned(), units, nanos: 0 })
}

/// Basket 1 became an order of three packets at 2.00 and was shipped; basket 2 one of one packet that was not.
fn memory() -> Memory {
    let mut memory = Memory::default();
    let stock = Units { on_hand: 10, held: 0, allocated: 0 };
    let mut entries = vec![
        Entry::Baseline { stock: vec![Stocked(TEA.to_owned(), stock)] },
        Entry::SignedIn { household: 5, user: USER.to_owned() },
        Entry::SignedIn { household: 6, user: NEIGHBOR.to_owned() },
    ];
    // The second one is not among those that are shipped.
    for (basket, units, number) in [(1, 3, 1001), (not_shipped(), 1, 1002)] {
        let lines = vec![Line(TEA.to_owned(), units, 200)];
        let mut events = vec![
            Event::CreateCart { household: 5, request_id: String::new(), lines },
            Event::CartCreated { cart: "carts/c".to_owned() },
            Event::StartCheckout { request_id: String::new(), payment_token: String::new() },
            Event::Placed { order: format!("orders/{number}") },
            Event::OrderRead { number, cents: units * 200 },
        ];
        if basket == 1 {
            events.extend([Event::Ship { request_id: String::new() }, Event::Shipped]);
        }
        entries.extend(events.into_iter().map(|event| Entry::Basket { basket, event }));
    }
    for entry in entries {
        memory.take(entry).unwrap();
    }
    memory
}

fn not_shipped() -> i64 {
    let mut baskets = (2..).filter(|basket| !Purchase::new(*basket, 5, Vec::new()).ships());
    baskets.next().unwrap()
}

fn order(number: i64, units: i64) -> Order {
    Order {
        name: format!("orders/{number}"),
        number: number.to_string(),
        owner: USER.to_owned(),
        lines: vec![OrderLine { variant: TEA.to_owned(), quantity: units, ..OrderLine::default() }],
        total: usd(units * 2),
        payment: format!("payments/{number}"),
        ..Order::default()
    }
}

fn payment(number: i64, units: i64, state: PaymentState) -> Payment {
    Payment {
        name: format!("payments/{number}"),
        owner: USER.to_owned(),
        state: state.into(),
        amount: usd(units * 2),
        captured: usd(if state == PaymentState::Captured { units * 2 } else { 0 }),
        ..Payment::default()
    }
}

fn books() -> Books {
    let entry = |account: &str, units| LedgerEntry { account: account.to_owned(), amount: usd(units) };
    let balance = |account: &str, units| AccountBalance { account: account.to_owned(), balance: usd(units) };
    let delivery = |number: i64| Delivery {
        recipient: USER.to_owned(),
        template: "order-placed".to_owned(),
        subject_resource: format!("orders/{number}"),
        state: DeliveryState::Sent.into(),
        ..Delivery::default()
    };
    Books {
        orders: vec![order(1002, 1), order(1001, 3)],
        numbers: vec![1002, 1001],
        payments: vec![
            payment(1001, 3, PaymentState::Captured),
            payment(1002, 1, PaymentState::Authorised),
            payment(1003, 1, PaymentState::Failed),
        ],
        ledger: vec![LedgerTransaction {
            subject: "payments/1001".to_owned(),
            kind: "capture".to_owned(),
            entries: vec![entry("receivable", 6), entry("sales", -6)],
            ..LedgerTransaction::default()
        }],
        balance: TrialBalanceResponse {
            balanced: true,
            accounts: vec![balance("receivable", 6), balance("sales", -6)],
            ..TrialBalanceResponse::default()
        },
        stock: vec![Stock { variant: TEA.to_owned(), on_hand: 7, allocated: 1, ..Stock::default() }],
        verified: VerifyStockResponse {
            on_hand_total: 7,
            allocated_total: 1,
            ..VerifyStockResponse::default()
        },
        deliveries: vec![delivery(1001), delivery(1002)],
    }
}

fn failed(memory: &Memory, books: &Books) -> Vec<&'static str> {
    let checks = compare(memory, books);
    checks.iter().filter(|check| !check.is_ok()).map(|check| check.what).collect()
}

#[test]
fn books_that_agree_pass_every_check() {
    let checks = compare(&memory(), &books());
    assert!(checks.iter().all(Check::is_ok), "{checks:#?}");
    assert_eq!(checks.len(), 16);
    let money = checks.iter().find(|check| check.what == "order totals").unwrap();
    assert_eq!((money.client.as_str(), money.shop.as_str()), ("8.00 USD", "8.00 USD"));
}

/// One thing that is wrong, and the checks that tell it.
type Wrong<T> = (fn(&mut T), &'static [&'static str]);

#[test]
fn each_wrong_is_told_by_its_check() {
    let wrongs: [Wrong<Books>; 22] = [
        (
            |books| drop(books.orders.pop()),
            &["orders", "units ordered", "order totals", "payments authorized", "payments captured"],
        ),
        (|books| books.orders[0].name.push('x'), &["orders"]),
        (|books| books.numbers[0] = 1003, &["order numbers, first to last"]),
        (|books| books.numbers.push(1002), &["order numbers, first to last"]),
        (|books| books.numbers = vec![1001, 1001, 1003], &["order numbers, first to last"]),
        (|books| books.orders[0].lines[0].quantity = 2, &["units ordered"]),
        (|books| books.orders[0].total = usd(3), &["order totals", "payments authorized"]),
        (|books| books.payments[1].state = PaymentState::Voided.into(), &["payments authorized"]),
        (|books| books.payments[2].state = PaymentState::Authorised.into(), &["payments authorized"]),
        (|books| books.payments[2].state = PaymentState::Unknown.into(), &["payments left open"]),
        (|books| books.payments[1].captured = usd(2), &["payments captured", "ledger, captures"]),
        (|books| books.ledger.push(books.ledger[0].clone()), &["ledger, captures"]),
        (|books| books.ledger.clear(), &["ledger, captures"]),
        (|books| books.balance.balanced = false, &["ledger, trial balance"]),
        (|books| books.stock[0].allocated = 2, &["units allocated", "stock, differences"]),
        (|books| books.stock[0].held = 1, &["units held", "stock, differences"]),
        (|books| books.stock[0].on_hand = 8, &["units on hand", "stock, differences"]),
        (|books| books.verified.differences.push(StockDifference::default()), &["stock, differences"]),
        (|books| books.deliveries.push(books.deliveries[0].clone()), &["mails"]),
        (|books| drop(books.deliveries.pop()), &["mails"]),
        (|books| books.deliveries[0].state = DeliveryState::Queued.into(), &["mails"]),
        (|books| books.deliveries[0].recipient = NEIGHBOR.to_owned(), &["mails"]),
    ];
    for (number, (wrong, told)) in wrongs.into_iter().enumerate() {
        let mut books = books();
        wrong(&mut books);
        assert_eq!(failed(&memory(), &books), told, "number {number}");
    }
}

#[test]
fn what_the_shopper_was_told_is_compared() {
    let wrongs: [Wrong<Ordered>; 3] = [
        (|order| order.told_cents = 1, &["order totals"]),
        (|order| order.number = 1003, &["units ordered"]),
        // The order of the other basket.
        (
            |order| order.name = "orders/1001".to_owned(),
            &["orders", "units ordered", "order totals", "mails"],
        ),
    ];
    for (number, (wrong, told)) in wrongs.into_iter().enumerate() {
        let mut memory = memory();
        let purchase = memory.purchases.get_mut(&not_shipped()).unwrap();
        wrong(purchase.order.as_mut().unwrap());
        assert_eq!(failed(&memory, &books()), told, "number {number}");
    }
}

#[test]
fn a_purchase_that_hangs_and_a_stuck_cart_are_told() {
    let mut memory = memory();
    let event = Event::CreateCart { household: 5, request_id: String::new(), lines: Vec::new() };
    memory.take(Entry::Basket { basket: 77, event }).unwrap();
    assert_eq!(failed(&memory, &books()), ["baskets begun, settled"]);
    for event in [
        Event::CartCreated { cart: "carts/d".to_owned() },
        Event::StartCheckout { request_id: String::new(), payment_token: String::new() },
        Event::Refused { reason: "STOCK".to_owned(), variants: Vec::new() },
        Event::GaveUp { reason: "STOCK".to_owned(), usable: false },
    ] {
        memory.take(Entry::Basket { basket: 77, event }).unwrap();
    }
    assert_eq!(failed(&memory, &books()), ["carts refused, usable"]);
    assert_eq!(memory.refusals(), [("STOCK", 1)].into());
}
