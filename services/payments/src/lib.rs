//! Payments, refunds, and the double-entry ledger.
//!
//! See README.md for what it owns, promises and needs, and CONTRIBUTING.md for the rooms of a service.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod config;
pub mod domain;
mod error;
mod grpc;
pub mod ids;
pub mod provider;
mod store;
#[cfg(test)]
mod tests;
mod translate;
mod usecases;
mod workflows;

use std::sync::Arc;

use shopmesh_kit::{
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};

use crate::{
    app::App,
    config::Config,
    provider::{Patient, Sandbox},
    store::mac::LedgerKey,
};

/// Opens the databases and returns what is to be served.
///
/// # Errors
/// When a database or the ledger's key cannot be opened, or the configuration holds an unknown key.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    let config = env.settings.parse::<Config>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let file = env.data_dir.join("sandbox-provider.db");
    let sandbox = Sandbox::open(&file, config.sandbox.unknown_lookups).await?;
    let provider = Arc::new(Patient::new(sandbox, config.provider_timeout()));
    let ledger_key = LedgerKey::open(&db, &env.data_dir.join("ledger.key")).await?;
    let app = Arc::new(App { db: db.clone(), clock: env.clock, provider, ledger_key });
    let mut service = Service::new(env.service, grpc::routes(app.clone()));
    service.db = Some(db);
    service.tasks.push(BackgroundTask::new("recovery", |drain| workflows::recover::run(app, drain)));
    Ok(service)
}
