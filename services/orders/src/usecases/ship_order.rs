//! Ships an order: the start of the workflow, and its end.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use super::{
    operations::{self, Asked},
    published,
};
use crate::{
    domain::{
        operation::OperationKind,
        order::{OrderEvent, Shipment},
        ship_order::{ShipOrder, Step},
    },
    ids::OperationId,
    store,
};

/// What is asked for.
pub struct Shipping {
    /// Of which order.
    pub asked: Asked,
    /// Carrier and number; may be empty.
    pub tracking: String,
}

/// The shipment to wait for.
///
/// # Errors
/// As [`operations::join_or_start`].
pub async fn start(tx: &mut Tx, Shipping { asked, tracking }: &Shipping) -> Result<OperationId> {
    let same = |running: &ShipOrder| running.tracking == *tracking;
    let begin = |operation, order: &_| ShipOrder::of(operation, order, tracking.clone());
    operations::join_or_start(tx, OperationKind::Ship, asked, same, begin).await
}

/// Records the end.
///
/// # Errors
/// ABORTED when the order got another event at the same time.
pub async fn record(tx: &mut Tx, after: &ShipOrder, cause: &Cause) -> Result<()> {
    match after.step {
        Step::Capture | Step::Fulfill => Ok(()),
        Step::Failed => {
            let problem = "the payment could not be captured; ask the shopper to pay again";
            store::operations::settle(tx, &after.operation, Some(problem)).await
        }
        Step::Shipped => {
            let (id, tracking) = (after.shipment.clone(), after.tracking.clone());
            let shipment = Shipment { id, tracking, shipped: cause.at, delivered: None };
            let order = published::load(&mut *tx, &after.order).await?;
            published::append(tx, cause, Some(order), OrderEvent::Shipped(shipment)).await?;
            store::operations::settle(tx, &after.operation, None).await
        }
    }
}
