//! Orders, payments and the ledger.

use super::{Books, Check};
use crate::replay::{catalogue::cents, memory::Memory, purchase::Purchase};
use shopmesh_proto::{
    google::r#type::Money,
    payments::v1::{LedgerEntry, LedgerTransaction, Payment, PaymentState},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
};

pub fn checks(memory: &Memory, books: &Books) -> Vec<Check> {
    vec![
        totals(memory, books),
        payments(memory, books),
        unsettled(books),
        captured(memory, books),
        ledger(memory, books),
        balance(books),
    ]
}

/// Cents by currency.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum(BTreeMap<String, i64>);

impl Sum {
    fn usd(cents: i64) -> Self {
        Self([("USD".to_owned(), cents)].into())
    }

    fn of<'a>(amounts: impl Iterator<Item = &'a Option<Money>>) -> Self {
        let mut sum = Self::usd(0);
        for money in amounts.flatten() {
            let amount = money.units * 100 + i64::from(money.nanos / 10_000_000);
            *sum.0.entry(money.currency_code.clone()).or_default() += amount;
        }
        sum
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amounts = self.0.iter().map(|(currency, cents)| {
            let (sign, cents) = (if *cents < 0 { "-" } else { "" }, cents.unsigned_abs());
            format!("{sign}{}.{:02} {currency}", cents / 100, cents % 100)
        });
        out.write_str(&amounts.collect::<Vec<_>>().join(", "))
    }
}

/// What the baskets cost by the catalogue is what the orders cost, and what their shoppers were shown.
fn totals(memory: &Memory, books: &Books) -> Check {
    let shops: HashMap<&str, Option<i64>> = books
        .orders
        .iter()
        .map(|order| (order.name.as_str(), order.total.as_ref().and_then(cents)))
        .collect();
    let mut differences = Vec::new();
    for purchase in memory.placed() {
        let Some(order) = &purchase.order else { continue };
        let shop = shops.get(order.name.as_str()).copied().flatten();
        // An order that is not there is told by its own check.
        if let Some(shop) = shop.filter(|shop| *shop != purchase.cents()) {
            differences.push(format!("{} costs {} and not {} cents", order.name, shop, purchase.cents()));
        }
        if order.number != 0 && order.told_cents != purchase.cents() {
            differences.push(format!("{} was shown at {} cents", order.name, order.told_cents));
        }
    }
    let client = memory.placed().map(Purchase::cents).sum();
    let shop = Sum::of(books.orders.iter().map(|order| &order.total));
    Check::new("order totals", &Sum::usd(client), &shop, differences)
}

fn is_good(payment: &Payment) -> bool {
    matches!(payment.state(), PaymentState::Authorised | PaymentState::Captured)
}

/// Each order is paid for once, with its total, and nothing is paid for without one.
fn payments(memory: &Memory, books: &Books) -> Check {
    let good: HashMap<&str, &Payment> = books
        .payments
        .iter()
        .filter(|payment| is_good(payment))
        .map(|payment| (payment.name.as_str(), payment))
        .collect();
    let mut paid = HashSet::new();
    let mut differences = Vec::new();
    for order in &books.orders {
        let covered = good.get(order.payment.as_str());
        if !covered.is_some_and(|payment| payment.amount == order.total && payment.owner == order.owner) {
            differences.push(format!("{} is not covered by {}", order.name, order.payment));
        }
        if !paid.insert(order.payment.as_str()) {
            differences.push(format!("{} pays for two orders", order.payment));
        }
    }
    let astray = good.keys().filter(|name| !paid.contains(**name));
    differences.extend(astray.map(|name| format!("{name} pays for no order")));
    let client = memory.placed().map(Purchase::cents).sum();
    let shop = Sum::of(good.values().map(|payment| &payment.amount));
    Check::new("payments authorised", &Sum::usd(client), &shop, differences)
}

/// No payment is left whose outcome is not known.
fn unsettled(books: &Books) -> Check {
    let open = books
        .payments
        .iter()
        .filter(|payment| matches!(payment.state(), PaymentState::Authorising | PaymentState::Unknown));
    let open: Vec<String> =
        open.map(|payment| format!("{} is {:?}", payment.name, payment.state())).collect();
    Check::new("payments left open", &0, &open.len(), open)
}

/// What was shipped was captured, order by order.
fn captured(memory: &Memory, books: &Books) -> Check {
    let due: HashMap<&str, i64> = memory
        .shipped()
        .filter_map(|purchase| Some((purchase.order.as_ref()?.name.as_str(), purchase.cents())))
        .collect();
    let payers: HashMap<&str, &str> =
        books.orders.iter().map(|order| (order.payment.as_str(), order.name.as_str())).collect();
    let mut differences = Vec::new();
    for payment in &books.payments {
        let taken = payment.captured.as_ref().and_then(cents).unwrap_or_default();
        let owed =
            payers.get(payment.name.as_str()).and_then(|order| due.get(order)).copied().unwrap_or_default();
        if taken != owed {
            differences.push(format!("{} took {taken} and not {owed} cents", payment.name));
        }
    }
    let shop = Sum::of(books.payments.iter().map(|payment| &payment.captured));
    Check::new("payments captured", &Sum::usd(due.values().sum()), &shop, differences)
}

/// Each capture is in the ledger, once and with its amount.
fn ledger(memory: &Memory, books: &Books) -> Check {
    let mut posted: HashMap<&str, i64> = HashMap::new();
    let ours: HashMap<&str, &Payment> =
        books.payments.iter().map(|payment| (payment.name.as_str(), payment)).collect();
    let captures = || books.ledger.iter().filter(|posting| posting.kind == "capture");
    let captures = || captures().filter(|posting| ours.contains_key(posting.subject.as_str()));
    for posting in captures() {
        let sum: i64 = debits(posting).filter_map(|entry| cents(entry.amount.as_ref()?)).sum();
        *posted.entry(posting.subject.as_str()).or_default() += sum;
    }
    let mut differences = Vec::new();
    for (name, payment) in &ours {
        let taken = payment.captured.as_ref().and_then(cents).unwrap_or_default();
        let booked = posted.get(*name).copied().unwrap_or_default();
        if taken != booked {
            differences.push(format!("{name} took {taken} cents, the ledger says {booked}"));
        }
    }
    let client = memory.shipped().map(Purchase::cents).sum();
    let shop = Sum::of(captures().flat_map(debits).map(|entry| &entry.amount));
    Check::new("ledger, captures", &Sum::usd(client), &shop, differences)
}

fn debits(posting: &LedgerTransaction) -> impl Iterator<Item = &LedgerEntry> {
    let is_debit = |money: &Money| money.units > 0 || money.nanos > 0;
    posting.entries.iter().filter(move |entry| entry.amount.as_ref().is_some_and(is_debit))
}

/// Debits and credits of the whole shop cancel out, and the shop finds no fault with its ledger.
fn balance(books: &Books) -> Check {
    let mut problems = books.balance.problems.clone();
    if !books.balance.balanced && problems.is_empty() {
        problems.push("the shop says that it is not balanced".to_owned());
    }
    let shop = Sum::of(books.balance.accounts.iter().map(|account| &account.balance));
    Check::new("ledger, trial balance", &Sum::usd(0), &shop, problems)
}
