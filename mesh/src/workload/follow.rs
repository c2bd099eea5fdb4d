//! An identity whose files are replaced while it is in use.

use std::sync::Arc;

use super::{Identity, IdentityFiles};
use crate::net::{Drain, changed_files::ChangedFiles};

impl Identity {
    /// Takes what `files` hold each time they change, until the drain starts: within seconds for new connections. What cannot
    /// be used, such as a certificate whose key is still to be written, leaves the old ones in place and is told.
    pub async fn follow(self: Arc<Self>, files: IdentityFiles, drain: Drain) {
        let paths = vec![files.cert.clone(), files.key.clone(), files.roots.clone()];
        let mut changes = ChangedFiles::since_now(paths);
        // What was replaced since it was loaded.
        if let Err(error) = self.reload(&files) {
            tracing::warn!(id = %self.id(), %error, "the certificate was replaced by one that cannot be used");
        }
        loop {
            tokio::select! {
                () = changes.changed() => {}
                () = drain.started() => return,
            }
            match self.reload(&files) {
                Ok(()) => tracing::info!(id = %self.id(), "new certificate, for new connections"),
                Err(error) => {
                    tracing::warn!(id = %self.id(), %error, "a new certificate cannot be used, the old one stays");
                }
            }
        }
    }
}
