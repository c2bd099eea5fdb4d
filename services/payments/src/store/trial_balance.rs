//! Whether the books add up: every transaction is signed and sums to zero, and the ledger says what the payments say.

use super::{ledger, mac::LedgerKey};
use crate::domain::ledger::is_balanced;
use shopmesh_kit::{
    db::{Db, sql},
    error::Result,
    money::Money,
};
use std::collections::BTreeMap;

/// Transactions that are read at once.
const PAGE: i64 = 1000;
/// Problems that are listed.
const LISTED: usize = 100;
/// Sorts after every id.
const TOP: &str = "~";

/// What was found.
#[derive(Debug, Default)]
pub struct TrialBalance {
    pub accounts: BTreeMap<(String, String), Money>,
    pub problems: Vec<String>,
    pub checked: i64,
}

/// Reads everything.
pub async fn run(db: &Db, key: &LedgerKey) -> Result<TrialBalance> {
    let mut found = TrialBalance::default();
    let mut before = TOP.to_owned();
    loop {
        let page = ledger::list(db, &before, PAGE).await?;
        let Some(last) = page.last() else { break };
        before.clone_from(&last.id);
        for transaction in &page {
            found.check(transaction, key)?;
        }
    }
    let differences = sql("SELECT p.id AS subject, p.captured AS expected,
            CAST(COALESCE((SELECT SUM(e.amount) FROM ledger_transactions t JOIN ledger_entries e
                ON e.ledger_transaction = t.id WHERE t.subject = p.id AND t.kind = 'capture' AND e.amount > 0), 0) AS BIGINT) AS posted
         FROM payments p
         UNION ALL
         SELECT p.id || ' refunds' AS subject,
            CAST(COALESCE((SELECT SUM(r.amount) FROM refunds r WHERE r.payment = p.id AND r.state = 2), 0) AS BIGINT) AS expected,
            CAST(COALESCE((SELECT SUM(e.amount) FROM refunds r JOIN ledger_transactions t
                ON t.subject = r.payment || '/' || r.id AND t.kind = 'refund'
                JOIN ledger_entries e ON e.ledger_transaction = t.id WHERE r.payment = p.id AND e.amount > 0), 0) AS BIGINT) AS posted
         FROM payments p WHERE p.refunded > 0")
    .all(db)
    .await?;
    for row in &differences {
        let (expected, posted) = (row.int("expected")?, row.int("posted")?);
        if expected != posted {
            found.problem(format!("{}: {expected} minor units moved, {posted} posted", row.text("subject")?));
        }
    }
    Ok(found)
}

impl TrialBalance {
    fn check(&mut self, transaction: &ledger::Transaction, key: &LedgerKey) -> Result<()> {
        self.checked += 1;
        if !key.verify(&transaction.signed_bytes(), &transaction.mac) {
            self.problem(format!("{}: was altered after it was posted", transaction.id));
        }
        if !is_balanced(&transaction.entries) || transaction.entries.len() < 2 {
            self.problem(format!("{}: does not sum to zero", transaction.id));
        }
        for entry in &transaction.entries {
            let place = (entry.account.clone(), entry.amount.currency.code().to_owned());
            let balance = self.accounts.entry(place).or_insert_with(|| Money::zero(entry.amount.currency));
            *balance = balance.checked_add(entry.amount)?;
        }
        Ok(())
    }

    fn problem(&mut self, problem: String) {
        if self.problems.len() < LISTED {
            self.problems.push(problem);
        }
    }
}
