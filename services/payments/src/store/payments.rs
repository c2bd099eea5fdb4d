//! Rows of `payments`.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, Row, Tx, sql},
    error::{Error, Result},
    page::Rows,
};

use crate::{domain::payment::Payment, error::payment_changed, ids::PaymentId};

/// Adds a payment.
///
/// # Errors
/// ABORTED when its checkout has one by now.
pub async fn insert(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let added = sql(
        "INSERT INTO payments (id, checkout, owner, state, intent, currency, amount, captured, refunding, \
             refunded, provider, provider_reference, token_hash, failure_code, version, created, updated) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(&payment.id)
    .bind(&payment.checkout)
    .bind(&payment.owner)
    .bind(&payment.state)
    .bind(&payment.intent)
    .bind(payment.amount.currency.code())
    .bind(payment.amount.minor)
    .bind(payment.captured.minor)
    .bind(payment.refunding.minor)
    .bind(payment.refunded.minor)
    .bind(&payment.provider)
    .bind(&payment.provider_reference)
    .bind(&payment.token_hash)
    .bind(&payment.failure_code)
    .bind(payment.version)
    .bind(payment.created)
    .bind(payment.updated)
    .execute(tx)
    .await;
    match added {
        Err(error) if error.is_unique() => Err(payment_changed(&payment.checkout)),
        outcome => Ok(outcome.map(drop)?),
    }
}

/// Writes what a change made of a payment that was read in this transaction.
///
/// # Errors
/// ABORTED when it was changed since.
pub async fn update(tx: &mut Tx, payment: &Payment, now: Timestamp) -> Result<Payment> {
    let after = Payment { version: payment.version + 1, updated: now, ..payment.clone() };
    let changed =
        sql("UPDATE payments SET state = $3, intent = $4, captured = $5, refunding = $6, refunded = $7, \
             provider_reference = $8, failure_code = $9, version = $10, updated = $11 WHERE id = $1 AND version = $2")
        .bind(&after.id)
        .bind(payment.version)
        .bind(&after.state)
        .bind(&after.intent)
        .bind(after.captured.minor)
        .bind(after.refunding.minor)
        .bind(after.refunded.minor)
        .bind(&after.provider_reference)
        .bind(&after.failure_code)
        .bind(after.version)
        .bind(after.updated)
        .execute(tx)
        .await?;
    if changed == 1 { Ok(after) } else { Err(payment_changed(&payment.checkout)) }
}

/// The payment of a checkout.
pub async fn of_checkout(on: impl Executor, checkout: &str) -> Result<Option<Payment>> {
    let row = sql("SELECT * FROM payments WHERE checkout = $1").bind(checkout).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// The payment.
pub async fn find(on: impl Executor, id: &PaymentId) -> Result<Option<Payment>> {
    let row = sql("SELECT * FROM payments WHERE id = $1").bind(id).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// The payment, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &PaymentId) -> Result<Payment> {
    find(on, id).await?.ok_or_else(|| Error::not_found(&id.name()))
}

/// Payments from below the id `before`, newest first, of one owner or all. Tombstones are nobody's business.
pub async fn list(db: &Db, owner: Option<&str>, before: Option<&str>, size: usize) -> Result<Rows<Payment>> {
    let query = sql("SELECT * FROM payments WHERE owner <> ''").and("id <", before).and("owner =", owner);
    query.then(" ORDER BY id DESC").page(db, size).await?.try_map(|row| read(&row))
}

/// Payments whose outcome is open, or that the provider was asked about, and that did not change since. The longest
/// untouched first; those whose first answer is missing only if older than `abandoned`: their caller may come back.
pub async fn unfinished(
    db: &Db,
    untouched_since: Timestamp,
    abandoned: Timestamp,
    limit: i64,
) -> Result<Vec<Payment>> {
    let rows = sql("SELECT * FROM payments WHERE (state IN (1, 2) OR intent <> 0) \
             AND updated < CASE WHEN state = 1 AND intent = 0 THEN $2 ELSE $1 END ORDER BY updated LIMIT $3")
    .bind(untouched_since)
    .bind(abandoned)
    .bind(limit)
    .all(db)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Payment> {
    Ok(Payment {
        id: PaymentId::stored(&row.text("id")?)?,
        checkout: row.text("checkout")?,
        owner: row.text("owner")?,
        state: row.coded("state")?,
        intent: row.coded("intent")?,
        amount: row.money("amount", "currency")?,
        captured: row.money("captured", "currency")?,
        refunding: row.money("refunding", "currency")?,
        refunded: row.money("refunded", "currency")?,
        provider: row.text("provider")?,
        provider_reference: row.text("provider_reference")?,
        token_hash: row.blob("token_hash")?,
        failure_code: row.text("failure_code")?,
        version: row.int("version")?,
        created: Timestamp(row.int("created")?),
        updated: Timestamp(row.int("updated")?),
    })
}
