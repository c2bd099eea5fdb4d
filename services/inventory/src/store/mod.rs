//! What is remembered. Every change of stock is one conditional UPDATE with a rows-affected check.

pub mod locations;
pub mod reservations;
pub mod stock;
pub mod verify;

use shopmesh_kit::db::Migrator;

/// The tables of this service.
pub static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");
