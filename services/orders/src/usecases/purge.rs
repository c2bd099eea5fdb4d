//! Deletes what nobody comes back for.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    saga,
};

use crate::{
    domain::place_order::PlaceOrder,
    store::{carts, checkouts},
};

/// What is purged.
#[derive(Clone, Copy, Debug)]
pub enum Stale {
    /// Carts without lines.
    EmptyCarts,
    /// Carts that can be changed.
    Carts,
    /// Carts that became orders.
    ConvertedCarts,
    /// Checkouts that failed.
    FailedCheckouts,
}

/// Deletes up to `limit` of what is stale since `before`; returns how many rows. The workflow of a checkout goes with it,
/// or with the cart that it made an order of.
///
/// # Errors
/// Those of the database.
pub async fn delete(tx: &mut Tx, stale: Stale, before: Timestamp, limit: i64) -> Result<u64> {
    let ended = match stale {
        Stale::EmptyCarts => return carts::delete_empty(tx, before, limit).await,
        Stale::Carts => return carts::delete_active(tx, before, limit).await,
        Stale::ConvertedCarts => carts::delete_converted(&mut *tx, before, limit).await?,
        Stale::FailedCheckouts => checkouts::delete_failed(&mut *tx, before, limit).await?,
    };
    saga::forget::<PlaceOrder>(tx, &ended).await?;
    u64::try_from(ended.len()).map_err(Error::internal)
}
