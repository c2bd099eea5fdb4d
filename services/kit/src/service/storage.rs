//! Tells a service's health what its storage is, and looks whether a full disk has room again.

use std::time::Duration;

use shopmesh_mesh::{net::Drain, server::HealthHandle};

use crate::{
    db::{Condition, Db},
    facts,
};

/// Between two looks at a storage that could not be written.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs until the drain starts.
pub(super) async fn watch(db: Db, health: HealthHandle, drain: Drain) {
    let mut conditions = db.condition();
    loop {
        let condition = *conditions.borrow_and_update();
        health.report("storage", (condition != Condition::Sound).then(|| condition.to_string()));
        if condition != Condition::Sound {
            tracing::error!(%condition, "the storage of this service");
        }
        let changed = async {
            match condition {
                Condition::Full | Condition::Failing => until_written(&db).await,
                Condition::Sound | Condition::Damaged => drop(conditions.changed().await),
            }
        };
        tokio::select! {
            () = changed => {}
            () = drain.started() => return,
        }
    }
}

/// Writes until a write succeeds: services that nobody calls would never find out.
async fn until_written(db: &Db) {
    loop {
        tokio::time::sleep(AGAIN).await;
        if facts::set(db, "storage", b"written").await.is_ok() {
            return;
        }
    }
}
