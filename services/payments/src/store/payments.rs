//! Rows of `payments`.

use crate::{domain::payment::State, ids::PaymentId};
use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql, sql_dynamic},
    error::{Error, Result},
    money::{Currency, Money},
};

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub checkout: String,
    /// Empty in the tombstone of a checkout that was voided before it was ever authorised.
    pub owner: String,
    pub state: State,
    pub amount: Money,
    pub captured: Money,
    pub refunded: Money,
    pub provider: String,
    pub token_hash: Vec<u8>,
    pub failure_code: String,
    pub created: Timestamp,
    pub updated: Timestamp,
}

impl Payment {
    /// A payment before anything happened to it.
    pub fn new(
        checkout: &str,
        owner: &str,
        amount: Money,
        provider: &str,
        token_hash: Vec<u8>,
        now: Timestamp,
    ) -> Self {
        let zero = Money::zero(amount.currency);
        Self {
            id: PaymentId::generate(),
            checkout: checkout.to_owned(),
            owner: owner.to_owned(),
            state: State::Authorising,
            amount,
            captured: zero,
            refunded: zero,
            provider: provider.to_owned(),
            token_hash,
            failure_code: String::new(),
            created: now,
            updated: now,
        }
    }
}

/// Adds a payment.
pub async fn insert(tx: &mut Tx, payment: &Payment) -> Result<()> {
    sql("INSERT INTO payments (id, checkout, owner, state, currency, amount, captured, refunded, provider, token_hash,
            failure_code, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
    .bind(payment.id.name())
    .bind(&payment.checkout)
    .bind(&payment.owner)
    .bind(payment.state as i64)
    .bind(payment.amount.currency.code())
    .bind(payment.amount.minor)
    .bind(payment.captured.minor)
    .bind(payment.refunded.minor)
    .bind(&payment.provider)
    .bind(&payment.token_hash)
    .bind(&payment.failure_code)
    .bind(payment.created)
    .bind(payment.updated)
    .execute(tx)
    .await?;
    Ok(())
}

/// The payment of a checkout.
pub async fn of_checkout(on: impl Executor, checkout: &str) -> Result<Option<Payment>> {
    let row = sql("SELECT * FROM payments WHERE checkout = $1").bind(checkout).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// A payment by name.
pub async fn get(on: impl Executor, name: &str) -> Result<Option<Payment>> {
    let row = sql("SELECT * FROM payments WHERE id = $1").bind(name).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// Moves a payment from the state it was read in. False when somebody else moved it meanwhile.
pub async fn advance(
    tx: &mut Tx,
    payment: &Payment,
    to: State,
    captured: Money,
    failure: &str,
    now: Timestamp,
) -> Result<bool> {
    let moved = sql("UPDATE payments SET state = $3, captured = $4, failure_code = $5, updated = $6
         WHERE id = $1 AND state = $2")
    .bind(payment.id.name())
    .bind(payment.state as i64)
    .bind(to as i64)
    .bind(captured.minor)
    .bind(failure)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(moved == 1)
}

/// Sets an amount aside for a refund. False when less is left.
pub async fn claim_refund(tx: &mut Tx, name: &str, amount: Money, now: Timestamp) -> Result<bool> {
    let claimed = sql("UPDATE payments SET refunded = refunded + $2, updated = $3
         WHERE id = $1 AND captured - refunded >= $2")
    .bind(name)
    .bind(amount.minor)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(claimed == 1)
}

/// Takes back what was set aside.
pub async fn return_refund(tx: &mut Tx, name: &str, amount: Money, now: Timestamp) -> Result<()> {
    sql("UPDATE payments SET refunded = refunded - $2, updated = $3 WHERE id = $1")
        .bind(name)
        .bind(amount.minor)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(())
}

/// Payments from below the id `before`, newest first, of one owner or all. Tombstones are nobody's business.
pub async fn list(on: impl Executor, owner: Option<&str>, before: &str, limit: i64) -> Result<Vec<Payment>> {
    let of_owner = if owner.is_some() { " AND owner = $3" } else { "" };
    let text =
        format!("SELECT * FROM payments WHERE id < $1 AND owner <> ''{of_owner} ORDER BY id DESC LIMIT $2");
    let query = sql_dynamic(text).bind(before).bind(limit);
    let query = match owner {
        Some(owner) => query.bind(owner),
        None => query,
    };
    query.all(on).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Payment> {
    let currency = Currency::parse(&row.text("currency")?).map_err(Error::internal)?;
    Ok(Payment {
        id: PaymentId::parse(&row.text("id")?)?,
        checkout: row.text("checkout")?,
        owner: row.text("owner")?,
        state: State::from_code(row.int("state")?)?,
        amount: Money::new(row.int("amount")?, currency),
        captured: Money::new(row.int("captured")?, currency),
        refunded: Money::new(row.int("refunded")?, currency),
        provider: row.text("provider")?,
        token_hash: row.blob("token_hash")?,
        failure_code: row.text("failure_code")?,
        created: Timestamp(row.int("created")?),
        updated: Timestamp(row.int("updated")?),
    })
}
