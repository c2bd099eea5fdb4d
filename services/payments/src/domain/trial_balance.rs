//! Whether the books add up: every transaction is signed, in its place and sums to zero.

use std::collections::BTreeMap;

use shopmesh_kit::money::Currency;

use super::ledger::{PostedTransaction, sums_to_zero};

/// Problems that are listed.
pub const LISTED: usize = 100;

/// What was found.
#[derive(Debug)]
pub struct TrialBalance {
    /// Balance by account, in minor units: a sum of many amounts may be larger than one can be.
    pub accounts: Vec<(String, Currency, i128)>,
    /// What does not add up.
    pub problems: Vec<String>,
    /// Transactions that were read.
    pub checked: i64,
}

/// What was found so far, transaction by transaction in their order.
#[derive(Default)]
pub struct Reading {
    sums: BTreeMap<(String, String), i128>,
    problems: Vec<String>,
    checked: i64,
    /// Place of the transaction before.
    last: i64,
    /// Its signature.
    mac: Vec<u8>,
}

impl Reading {
    /// Place of the last transaction; 0 before the first.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Reads the next transaction; `verify` says whether a signature is of some bytes.
    pub fn check(&mut self, transaction: PostedTransaction, verify: impl FnOnce(&[u8], &[u8]) -> bool) {
        let is_signed = verify(&transaction.signed_bytes(&self.mac), &transaction.mac);
        let expected = self.last + 1;
        self.checked += 1;
        if transaction.sequence != expected {
            let last = transaction.sequence - 1;
            self.problem(format!("transactions {expected} to {last} of the ledger are missing"));
        } else if !is_signed {
            self.problem(format!("{} was altered after it was posted", transaction.id));
        }
        let amounts = transaction.entries.iter().map(|entry| (entry.currency.as_str(), entry.minor));
        if transaction.entries.len() < 2 || !sums_to_zero(amounts) {
            self.problem(format!("{} does not sum to zero", transaction.id));
        }
        for entry in transaction.entries {
            *self.sums.entry((entry.account, entry.currency)).or_default() += i128::from(entry.minor);
        }
        (self.last, self.mac) = (transaction.sequence, transaction.mac);
    }

    /// Adds something that does not add up.
    pub fn problem(&mut self, problem: String) {
        if self.problems.len() < LISTED {
            self.problems.push(problem);
        }
    }

    /// What was found.
    pub fn end(mut self) -> TrialBalance {
        let mut accounts = Vec::with_capacity(self.sums.len());
        for ((account, currency), sum) in std::mem::take(&mut self.sums) {
            match Currency::parse(&currency) {
                Ok(currency) => accounts.push((account, currency, sum)),
                Err(_) => self.problem(format!("{account} holds {sum} minor units of {currency}")),
            }
        }
        TrialBalance { accounts, problems: self.problems, checked: self.checked }
    }
}
