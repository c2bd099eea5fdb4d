//! OrderCancelled: the buyer is told.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, error::Result, events::EventHandler};
use shopmesh_proto::orders::v1::OrderCancelled;

use super::Tells;
use crate::domain::{fact::Fact, notice::Notice};

/// The consumer.
pub fn handler(clock: Arc<dyn Clock>) -> Arc<dyn EventHandler> {
    Arc::new(Tells {
        name: "on_order_cancelled",
        types: &["shopmesh.orders.v1.OrderCancelled"],
        notice,
        clock,
    })
}

fn notice(event: &OrderCancelled) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "order-cancelled", &event.order) else { return Ok(None) };
    // The reason is whatever somebody typed: it is told with the order.
    notice.with(&Fact::OrderNumber(&event.number)).map(Some)
}
