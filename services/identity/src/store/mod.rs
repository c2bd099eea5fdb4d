//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod addresses;
pub mod attempts;
mod codes;
pub mod keys;
pub mod revocations;
pub mod roles;
pub mod sessions;
pub mod users;

use shopmesh_kit::{db::Migrations, migrations};

/// The tables of this service.
pub static MIGRATOR: Migrations = migrations!("migrations/sqlite": "0001_create_identity.sql", "0002_revocations_and_guesses.sql", "0003_ids_and_codes.sql");
