//! Payments, refunds, and the double-entry ledger.
//!
//! `grpc` is what can be asked, `domain` what may change, `store` what is remembered, `workflows` how the provider is
//! asked, `provider` who moves the money, `events` what is told to others. See README.md.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod config;
mod domain;
mod events;
mod grpc;
mod provider;
mod store;
#[cfg(test)]
mod tests;
mod workflows;

use std::sync::Arc;

use shopmesh_kit::{
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};

use crate::{
    app::App,
    config::PaymentsConfig,
    provider::{Patient, Sandbox},
    store::mac::LedgerKey,
};

/// Opens the databases and returns what is to be served.
///
/// # Errors
/// When a database or the ledger's key cannot be opened, or the configuration holds an unknown key.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    let config = env.settings.parse::<PaymentsConfig>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let file = env.data_dir.join("sandbox-provider.db");
    let sandbox = Sandbox::open(&file, config.sandbox.unknown_lookups).await?;
    let provider = Arc::new(Patient::new(sandbox, config.provider_timeout()));
    let ledger_key = LedgerKey::open(&db, &env.data_dir.join("ledger.key")).await?;
    let app = App { db: db.clone(), clock: env.clock, provider, ledger_key };
    let mut service = Service::new(env.service, grpc::routes(&app));
    service.db = Some(db);
    service.tasks.push(BackgroundTask::new("recovery", |drain| workflows::recover::run(app, drain)));
    Ok(service)
}
