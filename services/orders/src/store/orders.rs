//! Rows of `orders`, the projection of order events, and the counter of order numbers.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, Row, Tx, sql},
    error::{Error, Result},
    page::Rows,
};

use super::{from_json, to_json};
use crate::{
    domain::order::{Order, Placed},
    ids::{CheckoutId, OrderId},
};

/// The order as its row shows it, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &OrderId) -> Result<Order> {
    let row = sql("SELECT * FROM orders WHERE id = $1").bind(id).optional(on).await?;
    read(&row.ok_or_else(|| Error::not_found(&id.name()))?)
}

/// The order that a payment covers.
pub async fn of_payment(on: impl Executor, payment: &str) -> Result<Option<OrderId>> {
    let row = sql("SELECT id FROM orders WHERE payment = $1").bind(payment).optional(on).await?;
    row.map(|row| OrderId::stored(&row.text("id")?)).transpose()
}

/// Takes the next order number. Gap-free: a transaction that fails gives it back.
pub async fn next_number(tx: &mut Tx) -> Result<i64> {
    let row = sql("UPDATE counters SET value = value + 1 WHERE name = 'order_number' RETURNING value")
        .one(tx)
        .await?;
    Ok(row.int("value")?)
}

/// Writes the row of an order, in the transaction of the event that changed it.
pub async fn project(tx: &mut Tx, order: &Order) -> Result<()> {
    sql("INSERT INTO orders (id, number, owner, channel, state, payment_state, fulfillment_state, currency, lines,
            shipments, checkout, payment, sealed_address, version, created, updated, refunded)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, payment_state = excluded.payment_state,
            fulfillment_state = excluded.fulfillment_state, shipments = excluded.shipments,
            version = excluded.version, updated = excluded.updated, refunded = excluded.refunded")
    .bind(&order.placed.order)
    .bind(order.placed.number)
    .bind(&order.placed.owner)
    .bind(&order.placed.channel)
    .bind(&order.state)
    .bind(&order.payment_state)
    .bind(&order.fulfillment_state)
    .bind(order.placed.currency.code())
    .bind(to_json(&order.placed.lines)?)
    .bind(to_json(&order.shipments)?)
    .bind(&order.placed.checkout)
    .bind(&order.placed.payment)
    .bind(&order.placed.sealed_address)
    .bind(order.version)
    .bind(order.created)
    .bind(order.updated)
    .bind(order.refunded.minor)
    .execute(tx)
    .await?;
    Ok(())
}

/// Orders of one owner, or of everybody, newest first, from below the number `before`: a page of `size`.
pub async fn list(db: &Db, owner: Option<&str>, before: Option<i64>, size: usize) -> Result<Rows<Order>> {
    let query = sql("SELECT * FROM orders WHERE TRUE").and("number <", before).and("owner =", owner);
    query.then(" ORDER BY number DESC").page(db, size).await?.try_map(|row| read(&row))
}

fn read(row: &Row) -> Result<Order> {
    Ok(Order {
        placed: Placed {
            order: OrderId::stored(&row.text("id")?)?,
            number: row.int("number")?,
            owner: row.text("owner")?,
            channel: row.text("channel")?,
            currency: row.currency("currency")?,
            lines: from_json(&row.text("lines")?)?,
            checkout: CheckoutId::stored(&row.text("checkout")?)?,
            payment: row.text("payment")?,
            sealed_address: row.blob("sealed_address")?,
        },
        state: row.coded("state")?,
        payment_state: row.coded("payment_state")?,
        fulfillment_state: row.coded("fulfillment_state")?,
        shipments: from_json(&row.text("shipments")?)?,
        refunded: row.money("refunded", "currency")?,
        version: row.int("version")?,
        created: Timestamp(row.int("created")?),
        updated: Timestamp(row.int("updated")?),
    })
}
