//! OrderShipped: the buyer is told.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, error::Result, events::EventHandler};
use shopmesh_proto::orders::v1::OrderShipped;

use super::Tells;
use crate::domain::{fact::Fact, notice::Notice};

/// The consumer.
pub fn handler(clock: Arc<dyn Clock>) -> Arc<dyn EventHandler> {
    Arc::new(Tells { name: "on_order_shipped", types: &["shopmesh.orders.v1.OrderShipped"], notice, clock })
}

fn notice(event: &OrderShipped) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "order-shipped", &event.order) else { return Ok(None) };
    // The parcel's number is whatever a seller typed: it is told with the order.
    notice.with(&Fact::OrderNumber(&event.number)).map(Some)
}
