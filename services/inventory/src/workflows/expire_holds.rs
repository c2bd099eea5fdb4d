//! Gives back what is held beyond its time.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use shopmesh_kit::{clock::Timestamp, error::Result, events::Cause};
use shopmesh_mesh::net::Drain;

use crate::{app::App, store::reservations, usecases};

/// Pause between two looks: how late a unit may come back.
const EVERY: Duration = Duration::from_secs(1);
/// Holds looked up at once.
const BATCH: i64 = 100;

/// Runs until the drain starts.
pub async fn run(app: Arc<App>, drain: Drain) {
    loop {
        if let Err(error) = expire_due(&app).await {
            tracing::warn!(%error, "holds were not expired; trying again in a second");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = drain.started() => return,
        }
    }
}

/// Expires every hold whose time is over, each in a transaction of its own, and returns how many. One that fails is
/// told and left for the next look.
///
/// # Errors
/// When the holds cannot be looked up.
pub async fn expire_due(app: &App) -> Result<usize> {
    let mut expired = 0;
    let mut seen = (Timestamp::default(), String::new());
    loop {
        let due = reservations::due(&app.db, app.clock.now(), &seen, BATCH).await?;
        let Some(last) = due.last() else { return Ok(expired) };
        seen.clone_from(last);
        // Together, so that one flush to disk serves them all.
        let ends = due.into_iter().map(|(_, owner)| expire_one(app, owner));
        expired += join_all(ends).await.into_iter().filter(|done| *done).count();
    }
}

async fn expire_one(app: &App, owner: String) -> bool {
    let cause = Cause::background(&owner, app.clock.now());
    let done = app.db.write((owner.clone(), cause), |tx, (owner, cause)| {
        Box::pin(usecases::reservations::expire(tx, owner, cause))
    });
    match done.await {
        Ok(Some(applied)) => {
            app.feed.publish(applied.changed);
            true
        }
        Ok(None) => false,
        Err(error) => {
            tracing::warn!(%owner, %error, "a hold was not expired");
            false
        }
    }
}
