//! Deletes what a service's database need not keep: old saved replies and ids of handled events.

use std::{sync::Arc, time::Duration};

use shopmesh_mesh::net::Drain;

use crate::{clock::Clock, db::Db, events::Inbox, idempotency};

const EVERY: Duration = Duration::from_secs(3600);

/// Runs until the drain starts.
pub(super) async fn run(db: Db, inbox: Inbox, clock: Arc<dyn Clock>, drain: Drain) {
    loop {
        for purged in [idempotency::purge(&db, &*clock).await, inbox.purge().await] {
            if let Err(error) = purged {
                tracing::warn!(%error, "purging failed; trying again in an hour");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = drain.started() => return,
        }
    }
}
