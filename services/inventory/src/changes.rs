//! Tells watchers which variants changed, after the commit. Watchers read the numbers themselves, so a lost or
//! doubled notice is harmless.

use std::sync::Arc;
use tokio::sync::broadcast;

/// Changes that a slow watcher may be behind before it is told to read everything.
const BACKLOG: usize = 1024;

/// The notices of this process.
#[derive(Debug, Clone)]
pub struct Changes(broadcast::Sender<Arc<[String]>>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Changes {
    /// Tells that these variants changed.
    pub fn announce(&self, variants: impl IntoIterator<Item = String>) {
        // Nobody watching is no failure.
        let _ = self.0.send(variants.into_iter().collect());
    }

    /// Notices from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<[String]>> {
        self.0.subscribe()
    }
}
