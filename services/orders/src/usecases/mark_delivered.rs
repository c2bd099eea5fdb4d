//! The parcel of an order arrived.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use super::published;
use crate::{
    domain::order::{FulfillmentState, Order, OrderEvent},
    ids::OrderId,
};

/// The closed order; a repeat changes nothing.
///
/// # Errors
/// FAILED_PRECONDITION unless it is on its way.
pub async fn deliver(tx: &mut Tx, id: &OrderId, cause: &Cause) -> Result<Order> {
    let order = published::load(&mut *tx, id).await?;
    if order.fulfillment_state == FulfillmentState::Delivered {
        return Ok(order);
    }
    order.require_shipped()?;
    published::append(tx, cause, Some(order), OrderEvent::Delivered).await
}
