//! What handlers and the sender share.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, db::Db};

use crate::{mail::Mailer, peers::identity::Identity};

/// The parts of the running service.
pub struct App {
    /// This service's database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Who knows addresses.
    pub identity: Identity,
    /// The way out.
    pub mailer: Mailer,
}
