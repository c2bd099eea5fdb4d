//! Certificates of a shop that runs for longer than they last.

use std::{sync::Arc, time::Duration};

use shopmesh_mesh::{ServiceName, net::Drain, workload::SpiffeId};

use crate::shop::Setup;

/// Certificates last for 30 days and are replaced with 20 left.
const EVERY: Duration = Duration::from_secs(3600);

/// Looks again and again until the drain starts; who uses the files sees that they changed.
pub async fn run(setup: Arc<Setup>, drain: Drain) {
    let ids = ServiceName::ALL.map(SpiffeId::service);
    let ids = || ids.iter().cloned().chain([SpiffeId::edge("main"), SpiffeId::operator("cli")]);
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = drain.started() => return,
        }
        for id in ids() {
            if let Err(error) = setup.identities().files(&id) {
                tracing::warn!(%id, error = format!("{error:#}"), "no new certificate, the old one stays");
            }
        }
    }
}
