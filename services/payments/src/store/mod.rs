//! Rows of this service, and nothing else: what they mean is decided in `domain`.

mod codes;
pub mod ledger;
pub mod mac;
pub mod payments;
pub mod refunds;
pub mod trial_balance;

use shopmesh_kit::{db::Migrations, migrations};

/// The tables of this service.
pub static MIGRATOR: Migrations =
    migrations!("migrations/sqlite": "0001_create_payments.sql", "0002_provider_reference.sql");
