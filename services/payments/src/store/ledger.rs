//! Rows of `ledger_transactions` and `ledger_entries`: only ever added, each signed together with the one before it.

use std::collections::HashMap;

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Row, Tx, sql},
    error::Result,
    page::Rows,
};

use super::mac::LedgerKey;
use crate::{
    domain::ledger::{Entry, PostedEntry, PostedTransaction, Posting},
    error::ledger_moved,
    ids::{PaymentId, TransactionId},
};

/// Posts a transaction at the end of the ledger, once per subject and kind.
///
/// # Errors
/// ABORTED when another one was posted at the same time.
pub async fn post(
    tx: &mut Tx,
    key: &LedgerKey,
    payment: &PaymentId,
    posting: &Posting,
    now: Timestamp,
) -> Result<()> {
    let last = sql("SELECT sequence, mac FROM ledger_transactions ORDER BY sequence DESC LIMIT 1")
        .optional(&mut *tx)
        .await?;
    let (last, mac_before) = match last {
        Some(last) => (last.int("sequence")?, last.blob("mac")?),
        None => (0, Vec::new()),
    };
    let mut transaction = PostedTransaction {
        sequence: last + 1,
        id: TransactionId::generate().name(),
        payment: payment.name(),
        subject: posting.subject.clone(),
        kind: posting.kind.to_owned(),
        created: now,
        entries: posting.entries.iter().map(posted).collect(),
        mac: Vec::new(),
    };
    transaction.mac = key.sign(&transaction.signed_bytes(&mac_before));
    insert(tx, &transaction).await
}

fn posted(entry: &Entry) -> PostedEntry {
    let currency = entry.amount.currency.code().to_owned();
    PostedEntry { account: entry.account.clone(), currency, minor: entry.amount.minor }
}

async fn insert(tx: &mut Tx, transaction: &PostedTransaction) -> Result<()> {
    let added = sql("INSERT INTO ledger_transactions (sequence, id, payment, subject, kind, created, mac) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
    .bind(transaction.sequence)
    .bind(&transaction.id)
    .bind(&transaction.payment)
    .bind(&transaction.subject)
    .bind(&transaction.kind)
    .bind(transaction.created)
    .bind(&transaction.mac)
    .execute(&mut *tx)
    .await;
    match added {
        Err(error) if error.is_unique() => return Err(ledger_moved()),
        outcome => outcome?,
    };
    for (position, entry) in (0_i64..).zip(&transaction.entries) {
        sql("INSERT INTO ledger_entries (sequence, position, account, currency, amount) \
             VALUES ($1, $2, $3, $4, $5)")
        .bind(transaction.sequence)
        .bind(position)
        .bind(&entry.account)
        .bind(&entry.currency)
        .bind(entry.minor)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Transactions before `before`, newest first: a page of `size`.
pub async fn before(db: &Db, before: Option<i64>, size: usize) -> Result<Rows<PostedTransaction>> {
    let query = sql("SELECT * FROM ledger_transactions WHERE TRUE").and("sequence <", before);
    query.then(" ORDER BY sequence DESC").page(db, size).await?.load(|rows| with_entries(db, rows)).await
}

/// Up to `limit` transactions after `after`, oldest first.
pub async fn after(db: &Db, after: i64, limit: i64) -> Result<Vec<PostedTransaction>> {
    let query = sql("SELECT * FROM ledger_transactions WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    with_entries(db, query.bind(after).bind(limit).all(db).await?).await
}

/// The transactions in `rows`. Their entries are read later than they are: nothing changes what is posted.
async fn with_entries(db: &Db, rows: Vec<Row>) -> Result<Vec<PostedTransaction>> {
    let mut transactions = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let sequences = || transactions.iter().map(|transaction| transaction.sequence);
    let (Some(first), Some(last)) = (sequences().min(), sequences().max()) else { return Ok(transactions) };
    let rows = sql(
        "SELECT * FROM ledger_entries WHERE sequence >= $1 AND sequence <= $2 ORDER BY sequence, position",
    )
    .bind(first)
    .bind(last)
    .all(db)
    .await?;
    let mut entries: HashMap<i64, Vec<PostedEntry>> = HashMap::new();
    for row in &rows {
        let (account, currency, minor) = (row.text("account")?, row.text("currency")?, row.int("amount")?);
        entries.entry(row.int("sequence")?).or_default().push(PostedEntry { account, currency, minor });
    }
    for transaction in &mut transactions {
        transaction.entries = entries.remove(&transaction.sequence).unwrap_or_default();
    }
    Ok(transactions)
}

fn read(row: &Row) -> Result<PostedTransaction> {
    Ok(PostedTransaction {
        sequence: row.int("sequence")?,
        id: row.text("id")?,
        payment: row.text("payment")?,
        subject: row.text("subject")?,
        kind: row.text("kind")?,
        created: Timestamp(row.int("created")?),
        entries: Vec::new(),
        mac: row.blob("mac")?,
    })
}
