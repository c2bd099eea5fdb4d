//! Rows of this service, and nothing else: what they mean is decided in `domain`.

mod codes;
pub mod counted;
pub mod locations;
pub mod movements;
pub mod reservations;
pub mod stock;
pub mod variants;
pub mod verification;

use shopmesh_kit::{db::Migrations, migrations};

/// The tables of this service.
pub static MIGRATOR: Migrations =
    migrations!("migrations/sqlite": "0001_create_inventory.sql", "0002_variants.sql");
