//! Gives back holds whose time is over.

use crate::{App, domain::reservation::Verb, store::reservations};
use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::net::Drain;
use std::time::Duration;

/// How often is looked; a hold may outlive its time by this much, but cannot be committed then.
const INTERVAL: Duration = Duration::from_secs(1);
/// Holds at once.
const BATCH: i64 = 200;

/// Runs until the drain starts.
pub async fn run(app: App, drain: Drain) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        tokio::select! {
            () = drain.started() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = expire_due(&app).await {
            tracing::error!(%error, "expired holds cannot be given back");
        }
    }
}

/// Gives back what is due now.
pub async fn expire_due(app: &App) -> Result<()> {
    let now = app.clock.now();
    for owner in reservations::due(&app.db, now, BATCH).await? {
        let cause = Cause::background(owner.clone(), now);
        let (reservation, _) = app
            .db
            .write((owner, cause), |tx, (owner, cause)| {
                Box::pin(reservations::apply(tx, owner, Verb::Expire, cause))
            })
            .await?;
        app.changes.announce(reservation.units.into_iter().map(|units| units.variant));
    }
    Ok(())
}
