//! Whether the books add up: every transaction is signed, in its place and sums to zero, and the ledger says what
//! payments and refunds say.

use std::collections::BTreeMap;

use shopmesh_kit::{
    db::{Db, Row, sql},
    error::{Error, Result},
    money::Currency,
};

use super::{
    ledger::{self, PostedTransaction},
    mac::LedgerKey,
};
use crate::domain::ledger::sums_to_zero;

/// Transactions that are read at once.
const PAGE: i64 = 1000;
/// Problems that are listed.
const LISTED: usize = 100;

/// What was found.
#[derive(Debug, Default)]
pub struct TrialBalance {
    /// Balance by account, in minor units: a sum of many amounts may be larger than one can be.
    pub accounts: Vec<(String, Currency, i128)>,
    /// What does not add up.
    pub problems: Vec<String>,
    /// Transactions that were read.
    pub checked: i64,
}

/// What was found so far.
#[derive(Default)]
struct Reading {
    sums: BTreeMap<(String, String), i128>,
    problems: Vec<String>,
    checked: i64,
    /// Place and signature of the transaction before.
    last: (i64, Vec<u8>),
}

/// Reads everything. What is posted meanwhile is read too, or left to the next reading.
///
/// # Errors
/// Those of the database. Whatever rows hold is a problem to tell, never an error.
pub async fn run(db: &Db, key: &LedgerKey) -> Result<TrialBalance> {
    let mut reading = Reading::default();
    loop {
        let page = ledger::after(db, reading.last.0, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for transaction in page {
            reading.check(transaction, key);
        }
    }
    for row in unreconciled(db).await? {
        reading.problem(unreconciled_text(&row)?);
    }
    Ok(reading.balance())
}

impl Reading {
    fn check(&mut self, transaction: PostedTransaction, key: &LedgerKey) {
        let (last, mac_before) = &self.last;
        let altered = !key.verify(&transaction.signed_bytes(mac_before), &transaction.mac);
        let missing = (transaction.sequence != last + 1).then(|| (last + 1, transaction.sequence - 1));
        self.checked += 1;
        if let Some((first, last)) = missing {
            self.problem(format!("transactions {first} to {last} of the ledger are missing"));
        } else if altered {
            self.problem(format!("{} was altered after it was posted", transaction.id));
        }
        let amounts = transaction.entries.iter().map(|entry| (entry.currency.as_str(), entry.minor));
        if transaction.entries.len() < 2 || !sums_to_zero(amounts) {
            self.problem(format!("{} does not sum to zero", transaction.id));
        }
        for entry in transaction.entries {
            *self.sums.entry((entry.account, entry.currency)).or_default() += i128::from(entry.minor);
        }
        self.last = (transaction.sequence, transaction.mac);
    }

    fn problem(&mut self, problem: String) {
        tracing::error!(problem, "the ledger does not add up");
        if self.problems.len() < LISTED {
            self.problems.push(problem);
        }
    }

    fn balance(mut self) -> TrialBalance {
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

/// Payments whose rows, refunds and postings tell different sums. One statement, so that it sees one state.
async fn unreconciled(db: &Db) -> Result<Vec<Row>> {
    let limit = i64::try_from(LISTED).map_err(Error::internal)?;
    let rows = sql("WITH sides AS ( \
            SELECT id AS payment, captured, refunded, refunding, \
                0 AS posted, 0 AS posted_back, 0 AS succeeded, 0 AS pending FROM payments \
            UNION ALL SELECT t.payment, 0, 0, 0, \
                    CASE WHEN t.kind = 'capture' THEN e.amount ELSE 0 END, \
                    CASE WHEN t.kind = 'refund' THEN e.amount ELSE 0 END, 0, 0 \
                FROM ledger_transactions t JOIN ledger_entries e ON e.sequence = t.sequence AND e.amount > 0 \
            UNION ALL SELECT payment, 0, 0, 0, 0, 0, \
                    CASE WHEN state = 2 THEN amount ELSE 0 END, CASE WHEN state = 1 THEN amount ELSE 0 END \
                FROM refunds \
        ), book AS ( \
            SELECT payment, CAST(SUM(captured) AS BIGINT) AS captured, CAST(SUM(posted) AS BIGINT) AS posted, \
                CAST(SUM(refunded) AS BIGINT) AS refunded, CAST(SUM(posted_back) AS BIGINT) AS posted_back, \
                CAST(SUM(succeeded) AS BIGINT) AS succeeded, \
                CAST(SUM(refunding) AS BIGINT) AS refunding, CAST(SUM(pending) AS BIGINT) AS pending \
            FROM sides GROUP BY payment \
        ) SELECT * FROM book WHERE captured <> posted OR refunded <> posted_back OR refunded <> succeeded \
            OR refunding <> pending ORDER BY payment LIMIT $1")
    .bind(limit)
    .all(db)
    .await?;
    Ok(rows)
}

fn unreconciled_text(row: &Row) -> Result<String> {
    let of = |column| row.int(column);
    Ok(format!(
        "{}, in minor units: captured {}, posted {}; refunded {}, posted {}, in refunds {}; being refunded {}, in \
         refunds {}",
        row.text("payment")?,
        of("captured")?,
        of("posted")?,
        of("refunded")?,
        of("posted_back")?,
        of("succeeded")?,
        of("refunding")?,
        of("pending")?
    ))
}
