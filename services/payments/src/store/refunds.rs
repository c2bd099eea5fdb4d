//! Rows of `refunds`.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, Row, Tx, sql},
    error::{Error, Result},
    money::Money,
    page::Rows,
};

use super::{Codes, code, currency, value};
use crate::domain::{
    ids::{PaymentId, RefundId},
    refund::{Refund, RefundState},
};

const STATES: Codes<RefundState> =
    &[(1, RefundState::Pending), (2, RefundState::Succeeded), (3, RefundState::Failed)];

/// Adds a refund.
pub async fn insert(tx: &mut Tx, refund: &Refund) -> Result<()> {
    sql("INSERT INTO refunds (id, payment, state, currency, amount, reason, asked, created) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(refund.id.name())
    .bind(refund.payment.name())
    .bind(code(STATES, &refund.state))
    .bind(refund.amount.currency.code())
    .bind(refund.amount.minor)
    .bind(&refund.reason)
    .bind(refund.created)
    .bind(refund.created)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends a pending refund. False when it has ended already.
pub async fn finish(tx: &mut Tx, id: &RefundId, to: RefundState) -> Result<bool> {
    let ended = sql("UPDATE refunds SET state = $2 WHERE id = $1 AND state = 1");
    Ok(ended.bind(id.name()).bind(code(STATES, &to)).execute(tx).await? == 1)
}

/// Notes that the provider was asked and did not answer.
pub async fn asked(tx: &mut Tx, id: &RefundId, now: Timestamp) -> Result<()> {
    sql("UPDATE refunds SET asked = $2 WHERE id = $1").bind(id.name()).bind(now).execute(tx).await?;
    Ok(())
}

/// The refund, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &RefundId) -> Result<Refund> {
    let row = sql("SELECT * FROM refunds WHERE id = $1").bind(id.name()).optional(on).await?;
    read(&row.ok_or_else(|| Error::not_found(&id.name()))?)
}

/// Refunds of a payment, oldest first, from above the id `after`: a page of `size`.
pub async fn of_payment(db: &Db, payment: &PaymentId, after: &str, size: usize) -> Result<Rows<Refund>> {
    let rows = sql("SELECT * FROM refunds WHERE payment = $1 AND id > $2 ORDER BY id")
        .bind(payment.name())
        .bind(after)
        .page(db, size)
        .await?;
    rows.try_map(|row| read(&row))
}

/// Pending refunds that the provider was last asked for before `asked_before`, the longest waiting first.
pub async fn pending(db: &Db, asked_before: Timestamp, limit: i64) -> Result<Vec<Refund>> {
    let rows = sql("SELECT * FROM refunds WHERE state = 1 AND asked < $1 ORDER BY asked LIMIT $2")
        .bind(asked_before)
        .bind(limit)
        .all(db)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Refund> {
    Ok(Refund {
        id: RefundId::parse(&row.text("id")?)?,
        payment: PaymentId::parse(&row.text("payment")?)?,
        state: value(STATES, row.int("state")?)?,
        amount: Money::new(row.int("amount")?, currency(&row.text("currency")?)?),
        reason: row.text("reason")?,
        created: Timestamp(row.int("created")?),
    })
}
