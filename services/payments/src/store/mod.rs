//! What is remembered. Money changes state only together with its ledger transaction.

pub mod ledger;
pub mod mac;
pub mod payments;
pub mod refunds;
pub mod trial_balance;

use shopmesh_kit::db::Migrator;

/// The tables of this service.
pub static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");
