//! Rows of `payments`.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, Row, Tx, sql, sql_dynamic},
    error::{Error, Result},
    money::Money,
    page::Rows,
};

use super::{Codes, code, currency, value};
use crate::domain::{
    ids::PaymentId,
    payment::{Intent, Payment, PaymentState},
};

const STATES: Codes<PaymentState> = &[
    (1, PaymentState::Authorising),
    (2, PaymentState::Unknown),
    (3, PaymentState::Authorised),
    (4, PaymentState::Captured),
    (5, PaymentState::Failed),
    (6, PaymentState::Voided),
];
const INTENTS: Codes<Option<Intent>> = &[(0, None), (1, Some(Intent::Capture)), (2, Some(Intent::Void))];

/// Adds a payment.
///
/// # Errors
/// ABORTED when its checkout has one by now.
pub async fn insert(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let added = sql(
        "INSERT INTO payments (id, checkout, owner, state, intent, currency, amount, captured, refunding, \
             refunded, provider, token_hash, failure_code, version, created, updated) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(payment.id.name())
    .bind(&payment.checkout)
    .bind(&payment.owner)
    .bind(code(STATES, &payment.state))
    .bind(code(INTENTS, &payment.intent))
    .bind(payment.amount.currency.code())
    .bind(payment.amount.minor)
    .bind(payment.captured.minor)
    .bind(payment.refunding.minor)
    .bind(payment.refunded.minor)
    .bind(&payment.provider)
    .bind(&payment.token_hash)
    .bind(&payment.failure_code)
    .bind(payment.version)
    .bind(payment.created)
    .bind(payment.updated)
    .execute(tx)
    .await;
    match added {
        Err(error) if error.is_unique() => Err(lost_race(&payment.checkout)),
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
             failure_code = $8, version = $9, updated = $10 WHERE id = $1 AND version = $2")
        .bind(after.id.name())
        .bind(payment.version)
        .bind(code(STATES, &after.state))
        .bind(code(INTENTS, &after.intent))
        .bind(after.captured.minor)
        .bind(after.refunding.minor)
        .bind(after.refunded.minor)
        .bind(&after.failure_code)
        .bind(after.version)
        .bind(after.updated)
        .execute(tx)
        .await?;
    if changed == 1 { Ok(after) } else { Err(lost_race(&payment.checkout)) }
}

/// The payment of a checkout.
pub async fn of_checkout(on: impl Executor, checkout: &str) -> Result<Option<Payment>> {
    let row = sql("SELECT * FROM payments WHERE checkout = $1").bind(checkout).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// The payment called `name`.
pub async fn find(on: impl Executor, name: &str) -> Result<Option<Payment>> {
    let row = sql("SELECT * FROM payments WHERE id = $1").bind(name).optional(on).await?;
    row.as_ref().map(read).transpose()
}

/// The payment, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &PaymentId) -> Result<Payment> {
    find(on, &id.name()).await?.ok_or_else(|| Error::not_found(&id.name()))
}

/// Payments from below the id `before`, newest first, of one owner or all. Tombstones are nobody's business.
pub async fn list(db: &Db, owner: Option<&str>, before: &str, size: usize) -> Result<Rows<Payment>> {
    let of_owner = if owner.is_some() { " AND owner = $2" } else { "" };
    let text = format!("SELECT * FROM payments WHERE id < $1 AND owner <> ''{of_owner} ORDER BY id DESC");
    let query = sql_dynamic(text).bind(before);
    let query = match owner {
        Some(owner) => query.bind(owner),
        None => query,
    };
    query.page(db, size).await?.try_map(|row| read(&row))
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

fn lost_race(checkout: &str) -> Error {
    Error::aborted("PAYMENT_CHANGED", format!("the payment of {checkout} changed at the same time; retry"))
}

fn read(row: &Row) -> Result<Payment> {
    let currency = currency(&row.text("currency")?)?;
    let money = |column| Ok::<_, Error>(Money::new(row.int(column)?, currency));
    Ok(Payment {
        id: PaymentId::parse(&row.text("id")?)?,
        checkout: row.text("checkout")?,
        owner: row.text("owner")?,
        state: value(STATES, row.int("state")?)?,
        intent: value(INTENTS, row.int("intent")?)?,
        amount: money("amount")?,
        captured: money("captured")?,
        refunding: money("refunding")?,
        refunded: money("refunded")?,
        provider: row.text("provider")?,
        token_hash: row.blob("token_hash")?,
        failure_code: row.text("failure_code")?,
        version: row.int("version")?,
        created: Timestamp(row.int("created")?),
        updated: Timestamp(row.int("updated")?),
    })
}
