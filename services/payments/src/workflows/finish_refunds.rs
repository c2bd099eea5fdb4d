//! Takes up refunds that a crash or a silent provider left pending.

use super::refund;
use crate::{
    App,
    store::{payments, refunds},
};
use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::net::Drain;
use std::time::Duration;

/// How often is looked.
const INTERVAL: Duration = Duration::from_secs(5);
/// A younger refund is still being asked for by its own call.
const AGE: Duration = Duration::from_secs(15);
const BATCH: i64 = 50;

/// Runs until the drain starts.
pub async fn run(app: App, drain: Drain) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        tokio::select! {
            () = drain.started() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = finish_pending(&app).await {
            tracing::warn!(%error, "pending refunds cannot be finished now");
        }
    }
}

/// Asks for each pending refund once.
pub async fn finish_pending(app: &App) -> Result<()> {
    let now = app.clock.now();
    for pending in refunds::pending(&app.db, now - AGE, BATCH).await? {
        if let Some(payment) = payments::get(&app.db, &pending.payment).await? {
            let cause = Cause::background(pending.name(), now);
            refund::finish(app, payment, pending, cause).await?;
        }
    }
    Ok(())
}
