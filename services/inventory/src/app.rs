//! What every handler needs.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, db::Db};
use tokio::sync::broadcast;

use crate::domain::stock::Availability;

/// Changes that a slow watcher may be behind before it has to read again.
const FEED: usize = 1024;

/// The parts of the running service.
pub struct App {
    /// This service's database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What can be bought, told after each commit that changed it.
    pub feed: Feed,
}

impl App {
    /// The service on an open database.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock, feed: Feed(broadcast::Sender::new(FEED)) }
    }
}

/// Tells watchers in this process what can be bought.
#[derive(Clone)]
pub struct Feed(broadcast::Sender<Arc<[Availability]>>);

impl Feed {
    /// Tells of changes that are committed.
    pub fn publish(&self, changed: Vec<Availability>) {
        if !changed.is_empty() {
            // Nobody watching is fine.
            let _ = self.0.send(changed.into());
        }
    }

    /// Changes from now on.
    pub fn watch(&self) -> broadcast::Receiver<Arc<[Availability]>> {
        self.0.subscribe()
    }
}
