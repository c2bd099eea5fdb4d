//! Rows of this service, and nothing else: what they mean is decided in `domain`.

mod codes;
pub mod deliveries;

use shopmesh_kit::{db::Migrations, migrations};

/// The tables of this service.
pub static MIGRATOR: Migrations =
    migrations!("migrations/sqlite": "0001_create_deliveries.sql", "0002_ids.sql");
