//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod samples;

use shopmesh_kit::db::Migrator;

/// The tables of this service.
pub static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");
