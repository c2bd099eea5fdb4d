//! Rows of `carts`.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, Row, Tx, sql},
    error::{Error, Result},
    page::Rows,
};

use super::{from_json, to_json};
use crate::{
    domain::cart::Cart,
    ids::{CartId, CheckoutId},
};

/// The cart, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &CartId) -> Result<Cart> {
    let row = sql("SELECT * FROM carts WHERE id = $1").bind(id).optional(on).await?;
    read(&row.ok_or_else(|| Error::not_found(&id.name()))?)
}

/// Adds a cart.
pub async fn insert(tx: &mut Tx, cart: &Cart) -> Result<()> {
    sql("INSERT INTO carts (id, owner, channel, currency, state, lines, checkout, version, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(&cart.id)
    .bind(&cart.owner)
    .bind(&cart.channel)
    .bind(cart.currency.code())
    .bind(&cart.state)
    .bind(to_json(&cart.lines)?)
    .bind(cart.checkout.as_ref().map(CheckoutId::as_str))
    .bind(cart.version)
    .bind(cart.created)
    .bind(cart.updated)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes what can change of a cart that was changed once since it was read. Another change in between is ABORTED.
pub async fn update(tx: &mut Tx, cart: &Cart) -> Result<()> {
    let updated = sql("UPDATE carts SET state = $2, lines = $3, checkout = $4, version = $5, updated = $6
         WHERE id = $1 AND version = $5 - 1")
    .bind(&cart.id)
    .bind(&cart.state)
    .bind(to_json(&cart.lines)?)
    .bind(cart.checkout.as_ref().map(CheckoutId::as_str))
    .bind(cart.version)
    .bind(cart.updated)
    .execute(tx)
    .await?;
    if updated == 0 {
        return Err(Error::aborted("CONCURRENT_CHANGE", "the cart changed meanwhile; read it and try again"));
    }
    Ok(())
}

/// Removes a cart.
pub async fn delete(tx: &mut Tx, id: &CartId) -> Result<()> {
    sql("DELETE FROM carts WHERE id = $1").bind(id).execute(tx).await?;
    Ok(())
}

/// Open carts of an owner, newest first, from below the id `before`; ids sort by time: a page of `size`.
pub async fn list_open(db: &Db, owner: &str, before: Option<&CartId>, size: usize) -> Result<Rows<Cart>> {
    let query = sql("SELECT * FROM carts WHERE owner = $1 AND state <> 3").bind(owner).and("id <", before);
    let rows = query.then(" ORDER BY id DESC").page(db, size).await?;
    rows.try_map(|row| read(&row))
}

/// How many open carts an owner has.
pub async fn count_open(tx: &mut Tx, owner: &str) -> Result<i64> {
    let row = sql("SELECT COUNT(*) AS carts FROM carts WHERE owner = $1 AND state <> 3")
        .bind(owner)
        .one(tx)
        .await?;
    Ok(row.int("carts")?)
}

/// Deletes up to `limit` empty carts that were last changed before `before`; returns how many.
pub async fn delete_empty(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let delete = sql(
        "DELETE FROM carts WHERE state = 1 AND lines = '[]' AND updated < $1 AND id IN (SELECT id FROM carts \
         WHERE state = 1 AND lines = '[]' AND updated < $1 ORDER BY updated LIMIT $2)",
    );
    Ok(delete.bind(before).bind(limit).execute(tx).await?)
}

/// As [`delete_empty`], of those that can be changed, whatever is in them.
pub async fn delete_active(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let delete = sql("DELETE FROM carts WHERE state = 1 AND updated < $1 AND id IN (SELECT id FROM carts \
         WHERE state = 1 AND updated < $1 ORDER BY updated LIMIT $2)");
    Ok(delete.bind(before).bind(limit).execute(tx).await?)
}

/// As [`delete_empty`], of those that became orders; returns the checkouts that placed them.
pub async fn delete_converted(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<CheckoutId>> {
    let delete = sql("DELETE FROM carts WHERE id IN (SELECT id FROM carts \
         WHERE state = 3 AND updated < $1 ORDER BY updated LIMIT $2) RETURNING checkout");
    let rows = delete.bind(before).bind(limit).all(tx).await?;
    rows.iter().map(|row| CheckoutId::stored(&row.text("checkout")?)).collect()
}

fn read(row: &Row) -> Result<Cart> {
    Ok(Cart {
        id: CartId::stored(&row.text("id")?)?,
        owner: row.text("owner")?,
        channel: row.text("channel")?,
        currency: row.currency("currency")?,
        state: row.coded("state")?,
        lines: from_json(&row.text("lines")?)?,
        checkout: row.opt_text("checkout")?.as_deref().map(CheckoutId::stored).transpose()?,
        version: row.int("version")?,
        created: Timestamp(row.int("created")?),
        updated: Timestamp(row.int("updated")?),
    })
}
