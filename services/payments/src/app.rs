//! What every handler needs.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, db::Db};

use crate::{provider::Provider, store::mac::LedgerKey};

/// The parts of the running service.
pub struct App {
    /// This service's database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Who moves the money.
    pub provider: Arc<dyn Provider>,
    /// Signs the ledger.
    pub ledger_key: LedgerKey,
}
