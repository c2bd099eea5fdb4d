//! What every handler needs.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, db::Db};

use crate::search::ProductIndex;

/// The parts of the running service.
pub struct App {
    /// This service's database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Full-text search.
    pub index: Arc<ProductIndex>,
}
