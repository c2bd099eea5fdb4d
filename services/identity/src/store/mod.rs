//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod addresses;
pub mod attempts;
mod codes;
pub mod keys;
pub mod revocations;
pub mod roles;
pub mod sessions;
pub mod users;

use shopmesh_kit::db::Migrator;

/// The tables of this service.
pub static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");
