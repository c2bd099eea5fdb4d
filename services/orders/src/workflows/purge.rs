//! Throws away what nobody comes back for, so that what is stored follows from what is bought.

use std::{sync::Arc, time::Duration};

use shopmesh_kit::{clock::Timestamp, db::Db, error::Result};
use shopmesh_mesh::net::Drain;

use crate::{
    app::App,
    usecases::purge::{Stale, delete},
};

const EVERY: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// An empty cart is kept this long after its last change,
const EMPTY_CART: Duration = DAY.saturating_mul(7);
/// one with lines this long,
const CART: Duration = DAY.saturating_mul(90);
/// and one that became an order this long: the order holds all that it did.
const CONVERTED_CART: Duration = DAY.saturating_mul(30);
/// A checkout that failed is kept longer than the key of its request, which answers with it.
const FAILED_CHECKOUT: Duration = DAY.saturating_mul(35);
/// Rows that one transaction deletes, so that others need not wait,
const BATCH: i64 = 500;
/// and transactions of one kind in one run.
const MOST_BATCHES: usize = 40;

/// Runs until the drain starts.
pub async fn run(app: Arc<App>, drain: Drain) {
    while !drain.is_started() {
        match purge(&app.db, app.clock.now()).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "stale carts and checkouts were deleted"),
            Err(error) => tracing::warn!(%error, "purging failed; trying again in an hour"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = drain.started() => return,
        }
    }
}

/// Deletes what is stale at `now`; returns how many rows.
///
/// # Errors
/// Those of the database.
pub async fn purge(db: &Db, now: Timestamp) -> Result<u64> {
    let mut deleted = 0;
    for (stale, kept) in [
        (Stale::EmptyCarts, EMPTY_CART),
        (Stale::Carts, CART),
        (Stale::ConvertedCarts, CONVERTED_CART),
        (Stale::FailedCheckouts, FAILED_CHECKOUT),
    ] {
        for _ in 0..MOST_BATCHES {
            let batch = (stale, now - kept);
            let rows =
                db.write(batch, |tx, (stale, before)| Box::pin(delete(tx, *stale, *before, BATCH))).await?;
            deleted += rows;
            if rows < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(deleted)
}
