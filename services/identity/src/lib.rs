//! Accounts, sessions, roles and addresses: who somebody is and what they may do.
//!
//! See README.md for what it owns, promises and needs, and CONTRIBUTING.md for the rooms of a service.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod config;
mod domain;
mod grpc;
mod ids;
mod passwords;
mod store;
#[cfg(test)]
mod tests;
mod tokens;
mod translate;
mod usecases;
mod workflows;

pub use crate::{app::IdentityHandle, workflows::seed};

use std::sync::Arc;

use shopmesh_kit::{
    db::Db,
    sealed::Sealer,
    service::{BackgroundTask, Service, ServiceEnv},
};

use crate::app::App;

/// Opens the database and the keys below `env.data_dir`, and puts the service together.
///
/// # Errors
/// When the configuration holds an unknown key, or the database or the master key cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<(Service, IdentityHandle)> {
    let config = env.settings.parse()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let sealer = Sealer::open_in(&db, &env.data_dir, env.service.as_str()).await?;
    let app = Arc::new(App::open(db.clone(), sealer, env.clock, config).await?);
    let handle = IdentityHandle { app: app.clone() };
    let mut service = Service::new(env.service, grpc::routes(app.clone()));
    service.db = Some(db);
    service.tokens = Some(handle.token_verifier());
    service.http_routes.push(grpc::jwks_document(app.clone()));
    let housekeeping = BackgroundTask::new("housekeeping", |drain| workflows::housekeeping::run(app, drain));
    service.tasks.push(housekeeping);
    Ok((service, handle))
}
