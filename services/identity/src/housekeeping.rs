//! What runs beside the service: keys come and go, and what is over is forgotten.

use std::{sync::Arc, time::Duration};

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result};
use shopmesh_mesh::net::Drain;

use crate::{
    app::App,
    domain::{
        guessing,
        limits::{KNOWN_PLACE, REVOCATION_GRACE},
    },
    store::{attempts, revocations, sessions},
};

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
    app.db.write(now, |tx, now| Box::pin(purge(tx, *now))).await
}

async fn purge(tx: &mut Tx, now: Timestamp) -> Result<()> {
    sessions::purge(&mut *tx, now).await?;
    revocations::purge(&mut *tx, now - REVOCATION_GRACE).await?;
    attempts::purge(tx, now - guessing::MEMORY, now - KNOWN_PLACE).await?;
    Ok(())
}
