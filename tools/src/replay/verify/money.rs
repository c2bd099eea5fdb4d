//! Orders, payments and the ledger.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
};

use shopmesh_kit::money::{Currency, Money};
use shopmesh_proto::{
    google::r#type as proto,
    payments::v1::{LedgerEntry, LedgerTransaction, Payment, PaymentState},
};

use super::{Books, Check};
use crate::{
    complete_journey::usd,
    replay::{memory::Memory, purchase::Purchase},
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

/// Amounts by currency, without those that come to nothing.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    minor: BTreeMap<Currency, i64>,
    /// Amounts that are finer than their currency, or of none.
    wrong: usize,
}

impl Sum {
    fn usd(cents: i64) -> Self {
        let mut sum = Self::default();
        sum.add(Money::new(cents, usd()));
        sum
    }

    fn of<'a>(amounts: impl IntoIterator<Item = &'a Option<proto::Money>>) -> Self {
        let mut sum = Self::default();
        for amount in amounts.into_iter().flatten() {
            match Money::from_proto("amount", amount) {
                Ok(money) => sum.add(money),
                Err(_) => sum.wrong += 1,
            }
        }
        sum
    }

    fn add(&mut self, money: Money) {
        let minor = self.minor.entry(money.currency).or_default();
        *minor += money.minor;
        if *minor == 0 {
            self.minor.remove(&money.currency);
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amounts = self.minor.iter().map(|(currency, minor)| Money::new(*minor, *currency).to_string());
        let wrong = (self.wrong > 0).then(|| format!("{} that are no money", self.wrong));
        let all: Vec<String> = amounts.chain(wrong).collect();
        if all.is_empty() { Money::zero(usd()).fmt(out) } else { out.write_str(&all.join(", ")) }
    }
}

/// What the baskets cost by the catalog is what the orders cost, and what their shoppers were shown.
fn totals(memory: &Memory, books: &Books) -> Check {
    let shops: HashMap<&str, Sum> =
        books.orders.iter().map(|order| (order.name.as_str(), Sum::of([&order.total]))).collect();
    let mut differences = Vec::new();
    for purchase in memory.placed() {
        let Some(order) = &purchase.order else { continue };
        let client = Sum::usd(purchase.cents());
        // An order that is not there is told by its own check.
        if let Some(shop) = shops.get(order.name.as_str()).filter(|shop| **shop != client) {
            differences.push(format!("{} costs {shop} and not {client}", order.name));
        }
        if order.number != 0 && order.told_cents != purchase.cents() {
            differences.push(format!("{} was shown at {}", order.name, Sum::usd(order.told_cents)));
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
    Check::new("payments authorized", &Sum::usd(client), &shop, differences)
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
    let due: HashMap<&str, i64> =
        memory.shipped().filter_map(|purchase| Some((purchase.order_name()?, purchase.cents()))).collect();
    let payers: HashMap<&str, &str> =
        books.orders.iter().map(|order| (order.payment.as_str(), order.name.as_str())).collect();
    let mut differences = Vec::new();
    for payment in &books.payments {
        let owed = payers.get(payment.name.as_str()).and_then(|order| due.get(order)).copied();
        let (owed, taken) = (Sum::usd(owed.unwrap_or_default()), Sum::of([&payment.captured]));
        if taken != owed {
            differences.push(format!("{} took {taken} and not {owed}", payment.name));
        }
    }
    let shop = Sum::of(books.payments.iter().map(|payment| &payment.captured));
    Check::new("payments captured", &Sum::usd(due.values().sum()), &shop, differences)
}

/// Each capture is in the ledger, once and with its amount.
fn ledger(memory: &Memory, books: &Books) -> Check {
    let ours: HashMap<&str, &Payment> =
        books.payments.iter().map(|payment| (payment.name.as_str(), payment)).collect();
    let mut posted: HashMap<&str, Vec<&Option<proto::Money>>> = HashMap::new();
    for posting in books.ledger.iter().filter(|posting| posting.kind == "capture") {
        if ours.contains_key(posting.subject.as_str()) {
            let amounts = debits(posting).map(|entry| &entry.amount);
            posted.entry(posting.subject.as_str()).or_default().extend(amounts);
        }
    }
    let mut differences = Vec::new();
    for (name, payment) in &ours {
        let taken = Sum::of([&payment.captured]);
        let booked = Sum::of(posted.get(name).into_iter().flatten().copied());
        if taken != booked {
            differences.push(format!("{name} took {taken}, the ledger says {booked}"));
        }
    }
    let client = memory.shipped().map(Purchase::cents).sum();
    let shop = Sum::of(posted.into_values().flatten());
    Check::new("ledger, captures", &Sum::usd(client), &shop, differences)
}

fn debits(posting: &LedgerTransaction) -> impl Iterator<Item = &LedgerEntry> {
    let is_debit = |money: &proto::Money| money.units > 0 || money.nanos > 0;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(currency: &str, units: i64, nanos: i32) -> Option<proto::Money> {
        Some(proto::Money { currency_code: currency.to_owned(), units, nanos })
    }

    #[test]
    fn what_cancels_out_is_nothing_in_any_currency() {
        let euros = [&amount("EUR", 3, 0), &amount("EUR", -3, 0), &None];
        assert_eq!((Sum::of(euros), Sum::of(euros).to_string()), (Sum::usd(0), "0.00 USD".to_owned()));
        let both = [&amount("USD", 1, 50_000_000), &amount("EUR", 2, 0)];
        assert_eq!(Sum::of(both).to_string(), "2.00 EUR, 1.05 USD");
        assert_ne!(Sum::of(both), Sum::usd(105));
    }

    #[test]
    fn half_a_cent_is_not_rounded_away() {
        let fine = amount("USD", 2, 5_000_000);
        assert_ne!(Sum::of([&fine]), Sum::usd(200));
        assert_ne!(Sum::of([&fine]), Sum::usd(0));
    }
}
