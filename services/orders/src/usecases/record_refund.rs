//! Money was given back.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use super::published;
use crate::{
    domain::order::{OrderEvent, Refund},
    store::orders,
};

/// The order that `payment` covers shows it.
///
/// # Errors
/// ABORTED when the order got another event at the same time.
pub async fn record(tx: &mut Tx, payment: &str, refund: Refund, cause: &Cause) -> Result<()> {
    // Money is taken for placed orders only, so a payment without one is none of this database.
    let Some(id) = orders::of_payment(&mut *tx, payment).await? else { return Ok(()) };
    let order = published::load(&mut *tx, &id).await?;
    published::append(tx, cause, Some(order), OrderEvent::Refunded(refund)).await?;
    Ok(())
}
