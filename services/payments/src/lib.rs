//! Payments, refunds, and the double-entry ledger.
//!
//! See README.md for what it owns, promises and needs.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod domain;
mod grpc;
mod ids;
mod provider;
mod store;
#[cfg(test)]
mod tests;
mod workflows;

use provider::{Provider, sandbox::Sandbox};
use serde::Deserialize;
use shopmesh_kit::{
    clock::Clock,
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};
use std::sync::Arc;
use store::mac::LedgerKey;

/// What every handler needs.
#[derive(Clone)]
struct App {
    db: Db,
    clock: Arc<dyn Clock>,
    provider: Arc<dyn Provider>,
    ledger_key: LedgerKey,
}

/// Opens the databases and puts the service together.
///
/// # Errors
/// When a database or the ledger's key cannot be opened, or the configuration holds an unknown key.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    let config = env.settings.parse::<Config>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let sandbox =
        Sandbox::open(&env.data_dir.join("sandbox-provider.db"), config.sandbox.unknown_lookups).await?;
    let ledger_key = LedgerKey::load_or_create(&env.data_dir.join("ledger.key"))?;
    let app = App { db: db.clone(), clock: env.clock, provider: Arc::new(sandbox), ledger_key };
    let pending = app.clone();
    let tasks =
        vec![BackgroundTask::new("finish-refunds", |drain| workflows::finish_refunds::run(pending, drain))];
    Ok(Service { db: Some(db), tasks, ..Service::new(env.service, grpc::routes(app)) })
}

/// The `[payments]` table of the configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    sandbox: SandboxConfig,
}

/// The `[payments.sandbox]` table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SandboxConfig {
    /// How often the provider is asked about `tok_unknown` before it answers `declined`.
    unknown_lookups: u32,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self { unknown_lookups: 3 }
    }
}
