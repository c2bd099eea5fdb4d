//! What every handler needs.

use shopmesh_kit::db::Db;

/// The parts of the running service.
pub struct App {
    /// This service's database.
    pub db: Db,
}
