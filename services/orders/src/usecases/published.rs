//! Order events: appended to the hash-chained event table, which is the truth and the outbox, with the projection
//! in the same transaction.

use shopmesh_kit::{
    db::{Executor, Tx},
    error::{Error, Result},
    events::{self, Cause},
};

use crate::{
    domain::order::{Order, OrderEvent},
    ids::OrderId,
    store::orders,
    translate::events::{order_event, published},
};

/// The order as its events add up to, or NOT_FOUND. Decisions stand on this, not on the projection.
pub async fn load(on: impl Executor, id: &OrderId) -> Result<Order> {
    let history = events::stream_of(on, &id.name()).await?;
    let history = history.iter().map(order_event).collect::<Result<Vec<_>>>()?;
    Order::fold(history)?.ok_or_else(|| Error::not_found(&id.name()))
}

/// Appends `event` to `order`'s history and projects the order it makes. Another event in between is ABORTED.
pub async fn append(tx: &mut Tx, cause: &Cause, order: Option<Order>, event: OrderEvent) -> Result<Order> {
    let before = order.as_ref().map_or(0, |order| order.version);
    let order = Order::apply(order, event.clone(), cause.at)?;
    events::append_expecting(tx, cause, &order.name(), before, published(&order, event)?).await?;
    orders::project(tx, &order).await?;
    Ok(order)
}
