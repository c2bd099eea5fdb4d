//! Cancels an order: the start of the workflow, and its end.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use super::{
    operations::{self, Asked},
    published,
};
use crate::{
    domain::{
        cancel_order::{CancelOrder, Step},
        operation::OperationKind,
        order::OrderEvent,
    },
    ids::OperationId,
    store,
};

/// What is asked for.
pub struct Cancellation {
    /// Of which order.
    pub asked: Asked,
    /// For people; may be empty.
    pub reason: String,
}

/// The cancellation to wait for.
///
/// # Errors
/// As [`operations::join_or_start`].
pub async fn start(tx: &mut Tx, Cancellation { asked, reason }: &Cancellation) -> Result<OperationId> {
    let same = |running: &CancelOrder| running.reason == *reason;
    let begin = |operation, order: &_| CancelOrder::of(operation, order, reason.clone());
    operations::join_or_start(tx, OperationKind::Cancel, asked, same, begin).await
}

/// Records the end.
///
/// # Errors
/// ABORTED when the order got another event at the same time.
pub async fn record(tx: &mut Tx, after: &CancelOrder, cause: &Cause) -> Result<()> {
    if after.step != Step::Cancelled {
        return Ok(());
    }
    let order = published::load(&mut *tx, &after.order).await?;
    published::append(tx, cause, Some(order), OrderEvent::Cancelled(after.reason.clone())).await?;
    store::operations::settle(tx, &after.operation, None).await
}
