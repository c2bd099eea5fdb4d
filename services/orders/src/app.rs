//! What every handler needs.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, db::Db, saga::SagaHandle, sealed::Sealer};

use crate::peers::Peers;

/// The parts of the running service.
pub struct App {
    /// This service's database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The services it calls.
    pub peers: Peers,
    /// Seals personal data.
    pub sealer: Sealer,
    /// Running checkouts.
    pub checkouts: SagaHandle,
    /// Running cancellations.
    pub cancellations: SagaHandle,
    /// Running shipments.
    pub shipments: SagaHandle,
}
