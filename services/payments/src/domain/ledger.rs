//! Double entry: money is never made or lost, it moves between accounts.

use std::collections::BTreeMap;

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
    money::Money,
};

/// One side of a transaction: positive is a debit, negative a credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Account.
    pub account: String,
    /// Amount.
    pub amount: Money,
}

/// What kind of transaction moves captured money, as rows and contract name it.
pub const CAPTURE: &str = "capture";
/// What kind of transaction gives it back.
pub const REFUND: &str = "refund";

/// Entries that are posted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// [`CAPTURE`] or [`REFUND`].
    pub kind: &'static str,
    /// `payments/...` or `payments/.../refunds/...` it belongs to.
    pub subject: String,
    /// At least two.
    pub entries: Vec<Entry>,
}

/// A transaction as it stands in its rows, believed or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedTransaction {
    /// Its place in the ledger, from 1 without gaps.
    pub sequence: i64,
    /// `ledgerTransactions/...`.
    pub id: String,
    /// `payments/...` whose money moved.
    pub payment: String,
    /// `payments/...` or `payments/.../refunds/...`.
    pub subject: String,
    /// `capture` or `refund`.
    pub kind: String,
    /// When.
    pub created: Timestamp,
    /// Its sides.
    pub entries: Vec<PostedEntry>,
    /// Signature over all of the above and the one before it.
    pub mac: Vec<u8>,
}

/// A side of a transaction as it stands in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedEntry {
    /// Account.
    pub account: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Minor units; positive is a debit.
    pub minor: i64,
}

impl PostedTransaction {
    /// The bytes that are signed: lengths keep fields apart.
    pub fn signed_bytes(&self, mac_before: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        let mut field = |field: &[u8]| {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field);
        };
        field(mac_before);
        field(&self.sequence.to_be_bytes());
        field(&self.created.0.to_be_bytes());
        for text in [&self.id, &self.payment, &self.subject, &self.kind] {
            field(text.as_bytes());
        }
        for entry in &self.entries {
            field(entry.account.as_bytes());
            field(entry.currency.as_bytes());
            field(&entry.minor.to_be_bytes());
        }
        bytes
    }
}

/// What customers paid and what is owed to those who sold it.
const CLEARING: &str = "sales:clearing";

/// Money was taken: the provider owes it to us, we owe it for the sale.
pub fn capture(provider: &str, payment: &str, amount: Money) -> Result<Posting> {
    posting(CAPTURE, payment, receivable(provider), CLEARING.to_owned(), amount)
}

/// Money was given back: the reverse.
pub fn refund(provider: &str, refund: &str, amount: Money) -> Result<Posting> {
    posting(REFUND, refund, CLEARING.to_owned(), receivable(provider), amount)
}

fn receivable(provider: &str) -> String {
    format!("provider:{provider}:receivable")
}

fn posting(
    kind: &'static str,
    subject: &str,
    debit: String,
    credit: String,
    amount: Money,
) -> Result<Posting> {
    let entries =
        vec![Entry { account: debit, amount }, Entry { account: credit, amount: amount.checked_mul(-1)? }];
    if !is_balanced(&entries) || amount.minor <= 0 {
        return Err(Error::internal(anyhow::anyhow!("a {kind} that does not balance")));
    }
    Ok(Posting { kind, subject: subject.to_owned(), entries })
}

/// Whether entries sum to zero in every currency.
fn is_balanced(entries: &[Entry]) -> bool {
    sums_to_zero(entries.iter().map(|entry| (entry.amount.currency.code(), entry.amount.minor)))
}

/// Whether amounts, each with its currency, sum to zero in every currency.
pub fn sums_to_zero<'a>(amounts: impl IntoIterator<Item = (&'a str, i64)>) -> bool {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for (currency, minor) in amounts {
        *sums.entry(currency).or_default() += i128::from(minor);
    }
    sums.values().all(|sum| *sum == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shopmesh_kit::money::Currency;

    use super::*;

    proptest! {
        #[test]
        fn every_posting_balances(minor in any::<i64>()) {
            let amount = Money::new(minor, Currency::parse("USD").unwrap());
            for posting in [capture("p", "s", amount), refund("p", "s", amount)] {
                match posting {
                    Ok(posting) => prop_assert!(is_balanced(&posting.entries)),
                    Err(_) => prop_assert!(minor <= 0),
                }
            }
        }
    }
}
