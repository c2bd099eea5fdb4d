//! OrderPlaced: the buyer is told how much was bought. What it was, sellers have put into words: it is told with the order.

use shopmesh_kit::{error::Result, money::Money};
use shopmesh_proto::orders::v1::OrderPlaced;

use crate::domain::{fact::Fact, notice::Notice};

/// What it says.
pub fn notice(event: &OrderPlaced) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "order-placed", &event.order) else { return Ok(None) };
    let total = Money::from_proto("total", &event.total.clone().unwrap_or_default())?;
    let items = event.lines.iter().map(|line| line.quantity).sum();
    let notice = notice.with(&Fact::OrderNumber(&event.number))?;
    notice.with(&Fact::Items(items))?.with(&Fact::Total(total)).map(Some)
}
