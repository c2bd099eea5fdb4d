//! Order events: appended to the hash-chained event table, which is the truth and the outbox, with the projection
//! in the same transaction.

use shopmesh_kit::{
    db::{Executor, Tx},
    error::{Error, Result},
    events::{self, Cause},
};
use shopmesh_proto::orders::v1 as pb;

use crate::{
    domain::{
        checkout::FailureReason,
        order::{Order, OrderEvent},
    },
    grpc::translate::{self, PublishedEvent},
    ids::{CheckoutId, OrderId},
    store::orders,
};

/// The order as its events add up to, or NOT_FOUND. Decisions stand on this, not on the projection.
pub async fn load(on: impl Executor, id: &OrderId) -> Result<Order> {
    let history = events::stream_of(on, &id.name()).await?;
    let history = history.iter().map(translate::order_event).collect::<Result<Vec<_>>>()?;
    Order::fold(history)?.ok_or_else(|| Error::not_found(&id.name()))
}

/// Appends `event` to `order`'s history and projects the order it makes. Another event in between is ABORTED.
pub async fn append(tx: &mut Tx, cause: &Cause, order: Option<Order>, event: OrderEvent) -> Result<Order> {
    let before = order.as_ref().map_or(0, |order| order.version);
    let order = Order::apply(order, event.clone(), cause.at)?;
    let subject = order.name();
    match translate::published(&order, event)? {
        PublishedEvent::Placed(data) => events::append_expecting(tx, cause, &subject, before, &data).await?,
        PublishedEvent::Shipped(data) => events::append_expecting(tx, cause, &subject, before, &data).await?,
        PublishedEvent::Delivered(data) => {
            events::append_expecting(tx, cause, &subject, before, &data).await?
        }
        PublishedEvent::Cancelled(data) => {
            events::append_expecting(tx, cause, &subject, before, &data).await?
        }
        PublishedEvent::Refunded(data) => {
            events::append_expecting(tx, cause, &subject, before, &data).await?
        }
    };
    orders::project(tx, &order).await?;
    Ok(order)
}

/// Publishes that a checkout ended without an order.
pub async fn checkout_failed(
    tx: &mut Tx,
    cause: &Cause,
    checkout: &CheckoutId,
    owner: &str,
    reason: FailureReason,
) -> Result<()> {
    let data = pb::CheckoutFailed {
        checkout: checkout.name(),
        owner: owner.to_owned(),
        reason: reason.as_str().to_owned(),
    };
    events::append(tx, cause, &checkout.name(), &data).await?;
    Ok(())
}
