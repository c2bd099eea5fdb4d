//! Rows of `ledger_transactions` and `ledger_entries`: only ever added.

use super::mac::LedgerKey;
use crate::{
    domain::ledger::{Entry, Posting},
    ids::TransactionId,
};
use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql},
    error::{Error, Result},
    money::{Currency, Money},
};
use std::collections::BTreeMap;

/// A posted transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub id: String,
    pub subject: String,
    pub kind: String,
    pub entries: Vec<Entry>,
    pub created: Timestamp,
    pub mac: Vec<u8>,
}

impl Transaction {
    /// The bytes that are signed: lengths keep fields apart.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut field = |text: &str| {
            bytes.extend_from_slice(&text.len().to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        };
        field(&self.id);
        field(&self.subject);
        field(&self.kind);
        field(&self.created.0.to_string());
        for entry in &self.entries {
            field(&entry.account);
            field(entry.amount.currency.code());
            field(&entry.amount.minor.to_string());
        }
        bytes
    }
}

/// Posts a transaction, once per subject and kind.
pub async fn post(tx: &mut Tx, key: &LedgerKey, posting: Posting, now: Timestamp) -> Result<()> {
    let mut transaction = Transaction {
        id: TransactionId::generate().name(),
        subject: posting.subject,
        kind: posting.kind.to_owned(),
        entries: posting.entries,
        created: now,
        mac: Vec::new(),
    };
    transaction.mac = key.sign(&transaction.signed_bytes());
    sql("INSERT INTO ledger_transactions (id, subject, kind, created, mac) VALUES ($1, $2, $3, $4, $5)")
        .bind(&transaction.id)
        .bind(&transaction.subject)
        .bind(&transaction.kind)
        .bind(now)
        .bind(&transaction.mac)
        .execute(&mut *tx)
        .await?;
    for (position, entry) in (0_i64..).zip(&transaction.entries) {
        sql("INSERT INTO ledger_entries (ledger_transaction, position, account, currency, amount) VALUES ($1, $2, $3, $4, $5)")
            .bind(&transaction.id)
            .bind(position)
            .bind(&entry.account)
            .bind(entry.amount.currency.code())
            .bind(entry.amount.minor)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Transactions from below the id `before`, newest first, with their entries.
pub async fn list(on: impl Executor + Copy, before: &str, limit: i64) -> Result<Vec<Transaction>> {
    let rows = sql("SELECT * FROM ledger_transactions WHERE id < $1 ORDER BY id DESC LIMIT $2")
        .bind(before)
        .bind(limit)
        .all(on)
        .await?;
    let mut transactions = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let (Some(newest), Some(oldest)) = (transactions.first(), transactions.last()) else {
        return Ok(transactions);
    };
    let text = "SELECT * FROM ledger_entries WHERE ledger_transaction >= $1 AND ledger_transaction <= $2
         ORDER BY ledger_transaction, position";
    let rows = sql(text).bind(&oldest.id).bind(&newest.id).all(on).await?;
    let mut entries: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for row in &rows {
        entries.entry(row.text("ledger_transaction")?).or_default().push(read_entry(row)?);
    }
    for transaction in &mut transactions {
        transaction.entries = entries.remove(&transaction.id).unwrap_or_default();
    }
    Ok(transactions)
}

fn read(row: &Row) -> Result<Transaction> {
    Ok(Transaction {
        id: row.text("id")?,
        subject: row.text("subject")?,
        kind: row.text("kind")?,
        entries: Vec::new(),
        created: Timestamp(row.int("created")?),
        mac: row.blob("mac")?,
    })
}

fn read_entry(row: &Row) -> Result<Entry> {
    let currency = Currency::parse(&row.text("currency")?).map_err(Error::internal)?;
    Ok(Entry { account: row.text("account")?, amount: Money::new(row.int("amount")?, currency) })
}
