//! Keys come and go, and what is over is forgotten.

use std::{sync::Arc, time::Duration};

use shopmesh_kit::error::Result;
use shopmesh_mesh::net::Drain;

use crate::{app::App, usecases::purge};

const EVERY: Duration = Duration::from_secs(60);

/// Runs until the drain starts.
pub async fn run(app: Arc<App>, drain: Drain) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = drain.started() => return,
        }
        if let Err(error) = once(&app).await {
            tracing::warn!(%error, "housekeeping failed; trying again in a minute");
        }
    }
}

/// One round.
pub async fn once(app: &App) -> Result<()> {
    let now = app.clock.now();
    app.keys.rotate(&app.db, &app.sealer, now).await?;
    app.db.write(now, |tx, now| Box::pin(purge::purge(tx, *now))).await
}
