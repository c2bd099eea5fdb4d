//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod samples;

use shopmesh_kit::{db::Migrations, migrations};

/// The tables of this service.
pub static MIGRATOR: Migrations = migrations!("migrations/sqlite": "0001_create_samples.sql");
