//! OrderPlaced: the buyer gets the list of what was bought.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, error::Result, events::EventHandler, money::Money};
use shopmesh_proto::orders::v1::{OrderLine, OrderPlaced};

use super::Tells;
use crate::domain::notice::Notice;

/// The consumer.
pub fn handler(clock: Arc<dyn Clock>) -> Arc<dyn EventHandler> {
    Arc::new(Tells { name: "on_order_placed", types: &["shopmesh.orders.v1.OrderPlaced"], notice, clock })
}

fn notice(event: &OrderPlaced) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "order-placed", &event.order) else { return Ok(None) };
    let lines = event.lines.iter().map(line).collect::<Result<Vec<_>>>()?;
    let total = Money::from_proto("total", &event.total.clone().unwrap_or_default())?;
    Ok(Some(
        notice
            .with("order_number", &event.number)
            .with_lines("lines", lines)
            .with("total", &total.to_string()),
    ))
}

/// Such as `2 x Oat milk, 5.00 USD`.
fn line(line: &OrderLine) -> Result<String> {
    let total = Money::from_proto("lines.total", &line.total.clone().unwrap_or_default())?;
    Ok(format!("{} x {}, {total}", line.quantity, line.title))
}
