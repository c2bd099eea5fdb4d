//! The comparison: what the client counted itself against what the shop has written down.

mod mails;
mod money;
mod orders;
mod stock;
#[cfg(test)]
mod tests;

pub use stock::by_variant;

use anyhow::Context;
use shopmesh_proto::{
    inventory::v1::{Stock, VerifyStockResponse},
    notifications::v1::Delivery,
    orders::v1::Order,
    payments::v1::{LedgerTransaction, Payment, TrialBalanceResponse},
};

use super::{memory::Memory, operator::Operator};

/// Differences that are listed below a check.
const LISTED: usize = 5;

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub what: &'static str,
    /// The client's figure.
    pub client: String,
    /// The shop's.
    pub shop: String,
    /// What differs; empty when all is well.
    pub differences: Vec<String>,
}

impl Check {
    /// Compares two figures that may be equal by chance: `differences` are what they are made of.
    fn new<T: PartialEq + ToString>(
        what: &'static str,
        client: &T,
        shop: &T,
        mut differences: Vec<String>,
    ) -> Self {
        if client != shop && differences.is_empty() {
            differences.push("the figures differ".to_owned());
        }
        if differences.len() > LISTED {
            let more = differences.len() - LISTED;
            differences.truncate(LISTED);
            differences.push(format!("and {more} more"));
        }
        Self { what, client: client.to_string(), shop: shop.to_string(), differences }
    }

    /// Whether client and shop agree.
    pub fn is_ok(&self) -> bool {
        self.differences.is_empty()
    }
}

/// What the shop has written down about the replay's shoppers, and all its stock and ledger.
#[derive(Default)]
struct Books {
    /// Of our shoppers.
    orders: Vec<Order>,
    /// Of everybody.
    numbers: Vec<i64>,
    /// Of our shoppers.
    payments: Vec<Payment>,
    ledger: Vec<LedgerTransaction>,
    balance: TrialBalanceResponse,
    stock: Vec<Stock>,
    verified: VerifyStockResponse,
    deliveries: Vec<Delivery>,
}

/// Reads the shop's books and compares.
///
/// # Errors
/// When the shop does not answer, and when an order has no number.
pub async fn run(operator: &Operator, memory: &Memory) -> anyhow::Result<Vec<Check>> {
    let users = memory.shoppers();
    let deliveries = mails::settled(operator, memory).await?;
    let mut books = Books { deliveries, ..Books::default() };
    for order in operator.orders().await? {
        let number = order.number.parse();
        books
            .numbers
            .push(number.with_context(|| format!("{} has the number `{}`", order.name, order.number))?);
        if users.contains(order.owner.as_str()) {
            books.orders.push(order);
        }
    }
    books.payments = operator.payments().await?;
    books.payments.retain(|payment| users.contains(payment.owner.as_str()));
    books.ledger = operator.ledger().await?;
    books.balance = operator.trial_balance().await?;
    books.stock = operator.stock().await?;
    books.verified = operator.verify_stock().await?;
    Ok(compare(memory, &books))
}

fn compare(memory: &Memory, books: &Books) -> Vec<Check> {
    let mut checks = orders::checks(memory, books);
    checks.extend(money::checks(memory, books));
    checks.extend(stock::checks(memory, books));
    checks.push(mails::check(memory, &books.deliveries));
    checks
}
