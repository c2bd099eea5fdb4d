//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod attributes;
pub mod categories;
pub mod channels;
mod codes;
mod document;
pub mod products;
pub mod variants;

use shopmesh_kit::db::Migrator;

/// The tables of this service.
pub static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");
