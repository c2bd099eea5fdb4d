//! Rows of `orders`, the projection of order events, and the counter of order numbers.

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Executor, Row, Tx, sql},
    error::{Error, Result},
    money::{Currency, Money},
    page::Rows,
};

use super::{
    codes::{FULFILLMENT_STATES, ORDER_STATES, PAYMENT_STATES, code, value},
    from_json, to_json,
};
use crate::{
    domain::order::{Order, Placed, Shipment},
    ids::{CheckoutId, OrderId, ShipmentId},
};

/// The order as its row shows it, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &OrderId) -> Result<Order> {
    let row = sql("SELECT * FROM orders WHERE id = $1").bind(id.name()).optional(on).await?;
    read(&row.ok_or_else(|| Error::not_found(&id.name()))?)
}

/// The order that a payment covers.
pub async fn of_payment(on: impl Executor, payment: &str) -> Result<Option<OrderId>> {
    let row = sql("SELECT id FROM orders WHERE payment = $1").bind(payment).optional(on).await?;
    row.map(|row| OrderId::parse(&row.text("id")?)).transpose()
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
    let shipments: Vec<ShipmentRow> = order.shipments.iter().map(ShipmentRow::from).collect();
    sql("INSERT INTO orders (id, number, owner, channel, state, payment_state, fulfillment_state, currency, lines,
            shipments, checkout, payment, sealed_address, version, created, updated, refunded)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, payment_state = excluded.payment_state,
            fulfillment_state = excluded.fulfillment_state, shipments = excluded.shipments,
            version = excluded.version, updated = excluded.updated, refunded = excluded.refunded")
    .bind(order.placed.order.name())
    .bind(order.placed.number)
    .bind(order.placed.owner.as_str())
    .bind(order.placed.channel.as_str())
    .bind(code(ORDER_STATES, order.state))
    .bind(code(PAYMENT_STATES, order.payment_state))
    .bind(code(FULFILLMENT_STATES, order.fulfillment_state))
    .bind(order.placed.currency.code())
    .bind(to_json(&order.placed.lines)?)
    .bind(to_json(&shipments)?)
    .bind(order.placed.checkout.name())
    .bind(order.placed.payment.as_str())
    .bind(order.placed.sealed_address.clone())
    .bind(order.version)
    .bind(order.created.0)
    .bind(order.updated.0)
    .bind(order.refunded.minor)
    .execute(tx)
    .await?;
    Ok(())
}

/// Orders of one owner, or of everybody, newest first, from below the number `before`: a page of `size`.
pub async fn list(db: &Db, owner: Option<&str>, before: Option<i64>, size: usize) -> Result<Rows<Order>> {
    let before = before.unwrap_or(i64::MAX);
    let query = match owner {
        Some(owner) => sql("SELECT * FROM orders WHERE number < $1 AND owner = $2 ORDER BY number DESC")
            .bind(before)
            .bind(owner),
        None => sql("SELECT * FROM orders WHERE number < $1 ORDER BY number DESC").bind(before),
    };
    query.page(db, size).await?.try_map(|row| read(&row))
}

/// A parcel inside the `shipments` column.
#[derive(Serialize, Deserialize)]
struct ShipmentRow {
    id: String,
    tracking: String,
    shipped: i64,
    delivered: Option<i64>,
}

impl From<&Shipment> for ShipmentRow {
    fn from(shipment: &Shipment) -> Self {
        Self {
            id: shipment.id.name(),
            tracking: shipment.tracking.clone(),
            shipped: shipment.shipped.0,
            delivered: shipment.delivered.map(|at| at.0),
        }
    }
}

impl TryFrom<ShipmentRow> for Shipment {
    type Error = Error;

    fn try_from(row: ShipmentRow) -> Result<Self> {
        Ok(Self {
            id: ShipmentId::parse(&row.id)?,
            tracking: row.tracking,
            shipped: Timestamp(row.shipped),
            delivered: row.delivered.map(Timestamp),
        })
    }
}

fn read(row: &Row) -> Result<Order> {
    let shipments: Vec<ShipmentRow> = from_json(&row.text("shipments")?)?;
    let currency = Currency::parse(&row.text("currency")?)?;
    Ok(Order {
        placed: Placed {
            order: OrderId::parse(&row.text("id")?)?,
            number: row.int("number")?,
            owner: row.text("owner")?,
            channel: row.text("channel")?,
            currency,
            lines: from_json(&row.text("lines")?)?,
            checkout: CheckoutId::parse(&row.text("checkout")?)?,
            payment: row.text("payment")?,
            sealed_address: row.blob("sealed_address")?,
        },
        state: value(ORDER_STATES, row.int("state")?)?,
        payment_state: value(PAYMENT_STATES, row.int("payment_state")?)?,
        fulfillment_state: value(FULFILLMENT_STATES, row.int("fulfillment_state")?)?,
        shipments: shipments.into_iter().map(Shipment::try_from).collect::<Result<_>>()?,
        refunded: Money::new(row.int("refunded")?, currency),
        version: row.int("version")?,
        created: Timestamp(row.int("created")?),
        updated: Timestamp(row.int("updated")?),
    })
}
