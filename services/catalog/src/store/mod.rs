//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod attributes;
pub mod categories;
pub mod channels;
mod codes;
mod document;
pub mod products;
pub mod variants;

use shopmesh_kit::{db::Migrations, migrations};

/// The tables of this service.
pub static MIGRATOR: Migrations =
    migrations!("migrations/sqlite": "0001_catalog.sql", "0003_sku_key.sql", "0004_states_and_types.sql");
