//! Rows of `refunds`.

use crate::ids::RefundId;
use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql},
    error::Result,
};

/// State of a refund; the numbers are stored and those of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Written down; the provider is being asked.
    Pending = 1,
    /// Given back.
    Succeeded = 2,
    /// Refused by the provider.
    Failed = 3,
}

/// Money given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub payment: String,
    pub state: State,
    pub minor: i64,
    pub reason: String,
    pub created: Timestamp,
}

impl Refund {
    /// `payments/.../refunds/rfd_...`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.payment, self.id)
    }
}

/// Adds a refund.
pub async fn insert(tx: &mut Tx, refund: &Refund) -> Result<()> {
    sql("INSERT INTO refunds (id, payment, state, amount, reason, created) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(refund.id.name())
        .bind(&refund.payment)
        .bind(refund.state as i64)
        .bind(refund.minor)
        .bind(&refund.reason)
        .bind(refund.created)
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends a pending refund. False when it has ended already.
pub async fn finish(tx: &mut Tx, id: &RefundId, to: State) -> Result<bool> {
    let ended =
        sql("UPDATE refunds SET state = $2 WHERE id = $1 AND state = 1").bind(id.name()).bind(to as i64);
    Ok(ended.execute(tx).await? == 1)
}

/// A refund by id.
pub async fn get(on: impl Executor, id: &RefundId) -> Result<Option<Refund>> {
    let row = sql("SELECT * FROM refunds WHERE id = $1").bind(id.name()).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// Refunds of a payment, oldest first.
pub async fn of_payment(on: impl Executor, payment: &str) -> Result<Vec<Refund>> {
    let rows = sql("SELECT * FROM refunds WHERE payment = $1 ORDER BY id").bind(payment).all(on).await?;
    rows.iter().map(read).collect()
}

/// Refunds that wait for the provider since before `older_than`.
pub async fn pending(on: impl Executor, older_than: Timestamp, limit: i64) -> Result<Vec<Refund>> {
    let rows = sql("SELECT * FROM refunds WHERE state = 1 AND created < $1 ORDER BY id LIMIT $2")
        .bind(older_than)
        .bind(limit)
        .all(on)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Refund> {
    Ok(Refund {
        id: RefundId::parse(&row.text("id")?)?,
        payment: row.text("payment")?,
        state: match row.int("state")? {
            2 => State::Succeeded,
            3 => State::Failed,
            _ => State::Pending,
        },
        minor: row.int("amount")?,
        reason: row.text("reason")?,
        created: Timestamp(row.int("created")?),
    })
}
