//! OrderCancelled: the buyer is told.

use shopmesh_kit::error::Result;
use shopmesh_proto::orders::v1::OrderCancelled;

use crate::domain::{fact::Fact, notice::Notice};

/// What it says.
pub fn notice(event: &OrderCancelled) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "order-cancelled", &event.order) else { return Ok(None) };
    // The reason is whatever somebody typed: it is told with the order.
    notice.with(&Fact::OrderNumber(&event.number)).map(Some)
}
