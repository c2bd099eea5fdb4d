//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod buyers;
pub mod carts;
pub mod checkouts;
mod codes;
pub mod operations;
pub mod orders;

use serde::{Serialize, de::DeserializeOwned};
use shopmesh_kit::{
    db::Migrations,
    error::{Error, Result},
    migrations,
};

/// The tables of this service.
pub static MIGRATOR: Migrations = migrations!("migrations/sqlite": "0001_create_orders.sql", "0002_allowances_and_refunds.sql", "0003_short_ids.sql");

fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}
