//! OrderShipped: the buyer is told.

use shopmesh_kit::error::Result;
use shopmesh_proto::orders::v1::OrderShipped;

use crate::domain::{fact::Fact, notice::Notice};

/// What it says.
pub fn notice(event: &OrderShipped) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "order-shipped", &event.order) else { return Ok(None) };
    // The parcel's number is whatever a seller typed: it is told with the order.
    notice.with(&Fact::OrderNumber(&event.number)).map(Some)
}
