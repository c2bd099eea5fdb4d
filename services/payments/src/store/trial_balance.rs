//! Reads the whole ledger, and compares it with payments and refunds.

use shopmesh_kit::{
    db::{Db, Row, sql},
    error::{Error, Result},
};

use super::{ledger, mac::LedgerKey};
use crate::domain::trial_balance::{LISTED, Reading, TrialBalance};

/// Transactions that are read at once.
const PAGE: i64 = 1000;

/// Reads everything. What is posted meanwhile is read too, or left to the next reading.
///
/// # Errors
/// Those of the database. Whatever rows hold is a problem to tell, never an error.
pub async fn run(db: &Db, key: &LedgerKey) -> Result<TrialBalance> {
    let mut reading = Reading::default();
    loop {
        let page = ledger::after(db, reading.last(), PAGE).await?;
        if page.is_empty() {
            break;
        }
        for transaction in page {
            reading.check(transaction, |bytes, mac| key.verify(bytes, mac));
        }
    }
    for problem in unreconciled(db).await? {
        reading.problem(problem);
    }
    Ok(reading.end())
}

/// Payments whose rows, refunds and postings tell different sums. One statement, so that it sees one state.
async fn unreconciled(db: &Db) -> Result<Vec<String>> {
    let limit = i64::try_from(LISTED).map_err(Error::internal)?;
    let rows = sql("WITH sides AS ( \
            SELECT 'payments/' || id AS payment, captured, refunded, refunding, \
                0 AS posted, 0 AS posted_back, 0 AS succeeded, 0 AS pending FROM payments \
            UNION ALL SELECT t.payment, 0, 0, 0, \
                    CASE WHEN t.kind = 'capture' THEN e.amount ELSE 0 END, \
                    CASE WHEN t.kind = 'refund' THEN e.amount ELSE 0 END, 0, 0 \
                FROM ledger_transactions t JOIN ledger_entries e ON e.sequence = t.sequence AND e.amount > 0 \
            UNION ALL SELECT 'payments/' || payment, 0, 0, 0, 0, 0, \
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
    rows.iter().map(told).collect()
}

fn told(row: &Row) -> Result<String> {
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
