//! Rows of `refunds`.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, Row, Tx, sql},
    error::{Error, Result},
    page::Rows,
};

use crate::{
    domain::refund::Refund,
    ids::{PaymentId, RefundId},
};

/// Adds a refund.
pub async fn insert(tx: &mut Tx, refund: &Refund) -> Result<()> {
    sql("INSERT INTO refunds (id, payment, state, currency, amount, reason, provider_reference, asked, created) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)")
    .bind(&refund.id)
    .bind(&refund.payment)
    .bind(&refund.state)
    .bind(refund.amount.currency.code())
    .bind(refund.amount.minor)
    .bind(&refund.reason)
    .bind(&refund.provider_reference)
    .bind(refund.created)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes what the provider said `now` of a pending refund. False when it is not pending any more.
pub async fn update_pending(tx: &mut Tx, refund: &Refund, now: Timestamp) -> Result<bool> {
    let changed =
        sql("UPDATE refunds SET state = $2, provider_reference = $3, asked = $4 WHERE id = $1 AND state = 1")
            .bind(&refund.id)
            .bind(&refund.state)
            .bind(&refund.provider_reference)
            .bind(now)
            .execute(tx)
            .await?;
    Ok(changed == 1)
}

/// The refund, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &RefundId) -> Result<Refund> {
    let row = sql("SELECT * FROM refunds WHERE id = $1").bind(id).optional(on).await?;
    read(&row.ok_or_else(|| Error::not_found(&id.name()))?)
}

/// Refunds of a payment, oldest first, from above the id `after`: a page of `size`.
pub async fn of_payment(db: &Db, payment: &PaymentId, after: &str, size: usize) -> Result<Rows<Refund>> {
    let rows = sql("SELECT * FROM refunds WHERE payment = $1 AND id > $2 ORDER BY id")
        .bind(payment)
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
        id: RefundId::stored(&row.text("id")?)?,
        payment: PaymentId::stored(&row.text("payment")?)?,
        state: row.coded("state")?,
        amount: row.money("amount", "currency")?,
        reason: row.text("reason")?,
        provider_reference: row.text("provider_reference")?,
        created: Timestamp(row.int("created")?),
    })
}
