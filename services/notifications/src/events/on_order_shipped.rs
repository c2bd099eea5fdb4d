//! OrderShipped: the buyer is told, with the parcel's number.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, error::Result, events::EventHandler};
use shopmesh_proto::orders::v1::OrderShipped;

use super::Tells;
use crate::domain::notice::Notice;

/// The consumer.
pub fn handler(clock: Arc<dyn Clock>) -> Arc<dyn EventHandler> {
    Arc::new(Tells { name: "on_order_shipped", types: &["shopmesh.orders.v1.OrderShipped"], notice, clock })
}

fn notice(event: &OrderShipped) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "order-shipped", &event.order) else { return Ok(None) };
    let tracking = event.shipment.as_ref().map_or("", |shipment| shipment.tracking.as_str());
    Ok(Some(notice.with("order_number", &event.number).with("tracking", tracking)))
}
