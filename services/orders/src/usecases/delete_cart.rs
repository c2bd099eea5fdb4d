//! Deletes a cart.

use shopmesh_kit::{db::Tx, error::Result};

use crate::{ids::CartId, store::carts};

/// Deletes it.
///
/// # Errors
/// FAILED_PRECONDITION unless it is ACTIVE.
pub async fn delete(tx: &mut Tx, id: &CartId) -> Result<()> {
    carts::get(&mut *tx, id).await?.require_active()?;
    carts::delete(tx, id).await
}
