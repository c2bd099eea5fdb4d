//! Rows of `checkouts`, with what is kept sealed beside them.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql},
    error::{Error, Result},
    money::{Currency, Money},
};

use super::{from_json, to_json};
use crate::{
    domain::checkout::Checkout,
    ids::{CartId, CheckoutId, OrderId},
};

/// What a checkout needs but nobody may read in the database.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// A shipping address, sealed under the owner's key.
    pub address: Vec<u8>,
    /// The payment provider's token, sealed under the owner's key.
    pub payment_token: Vec<u8>,
}

/// The checkout, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &CheckoutId) -> Result<Checkout> {
    let row = sql("SELECT * FROM checkouts WHERE id = $1").bind(id).optional(on).await?;
    read(&row.ok_or_else(|| Error::not_found(&id.name()))?)
}

/// Adds a checkout that just started.
pub async fn insert(tx: &mut Tx, checkout: &Checkout, currency: Currency, sealed: &Sealed) -> Result<()> {
    sql("INSERT INTO checkouts (id, cart, owner, state, currency, sealed_address, sealed_payment_token, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(&checkout.id)
    .bind(&checkout.cart)
    .bind(&checkout.owner)
    .bind(&checkout.state)
    .bind(currency.code())
    .bind(&sealed.address)
    .bind(&sealed.payment_token)
    .bind(checkout.created)
    .bind(checkout.updated)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes what can change. Settling forgets the payment token.
pub async fn update(tx: &mut Tx, checkout: &Checkout) -> Result<()> {
    let failure = checkout.failure.as_ref().map(to_json).transpose()?;
    sql("UPDATE checkouts SET state = $2, order_id = $3, total_minor = $4, failure = $5, updated = $6,
            sealed_payment_token = CASE WHEN $7 = 1 THEN NULL ELSE sealed_payment_token END
         WHERE id = $1")
    .bind(&checkout.id)
    .bind(&checkout.state)
    .bind(checkout.order.as_ref().map(OrderId::as_str))
    .bind(checkout.total.map(|total| total.minor))
    .bind(failure)
    .bind(checkout.updated)
    .bind(checkout.state.is_settled())
    .execute(tx)
    .await?;
    Ok(())
}

/// The sealed shipping address.
pub async fn sealed_address(tx: &mut Tx, id: &CheckoutId) -> Result<Vec<u8>> {
    let row = sql("SELECT sealed_address FROM checkouts WHERE id = $1").bind(id).one(tx).await?;
    Ok(row.blob("sealed_address")?)
}

/// The sealed payment token, until the checkout is settled.
pub async fn sealed_payment_token(on: impl Executor, id: &CheckoutId) -> Result<Option<Vec<u8>>> {
    let row = sql("SELECT sealed_payment_token FROM checkouts WHERE id = $1").bind(id).one(on).await?;
    Ok(row.opt_blob("sealed_payment_token")?)
}

/// The checkouts of a person that run, longest first.
pub async fn running(tx: &mut Tx, owner: &str) -> Result<Vec<CheckoutId>> {
    let rows = sql("SELECT id FROM checkouts WHERE owner = $1 AND state IN (1, 2, 3) ORDER BY id LIMIT 10")
        .bind(owner)
        .all(tx)
        .await?;
    ids(&rows)
}

/// Deletes up to `limit` checkouts that failed before `before`; returns them.
pub async fn delete_failed(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<CheckoutId>> {
    let delete = sql("DELETE FROM checkouts WHERE id IN \
         (SELECT id FROM checkouts WHERE state = 5 AND updated < $1 ORDER BY updated LIMIT $2) RETURNING id");
    ids(&delete.bind(before).bind(limit).all(tx).await?)
}

/// Deletes failed checkouts of a person but the latest `keep`, a few at a time; returns them.
pub async fn delete_surplus(tx: &mut Tx, owner: &str, keep: i64) -> Result<Vec<CheckoutId>> {
    let delete = sql("DELETE FROM checkouts WHERE id IN (SELECT id FROM checkouts \
         WHERE owner = $1 AND state = 5 ORDER BY id DESC LIMIT 20 OFFSET $2) RETURNING id");
    ids(&delete.bind(owner).bind(keep).all(tx).await?)
}

fn ids(rows: &[Row]) -> Result<Vec<CheckoutId>> {
    rows.iter().map(|row| CheckoutId::stored(&row.text("id")?)).collect()
}

fn read(row: &Row) -> Result<Checkout> {
    let currency = row.currency("currency")?;
    Ok(Checkout {
        id: CheckoutId::stored(&row.text("id")?)?,
        cart: CartId::stored(&row.text("cart")?)?,
        owner: row.text("owner")?,
        state: row.coded("state")?,
        order: row.opt_text("order_id")?.as_deref().map(OrderId::stored).transpose()?,
        total: row.opt_int("total_minor")?.map(|minor| Money { minor, currency }),
        failure: row.opt_text("failure")?.as_deref().map(from_json).transpose()?,
        created: Timestamp(row.int("created")?),
        updated: Timestamp(row.int("updated")?),
    })
}
