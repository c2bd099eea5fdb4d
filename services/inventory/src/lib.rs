//! How many units lie where, and who holds them.
//!
//! See README.md for what it owns, promises and needs, and CONTRIBUTING.md for the rooms of a service.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod config;
pub mod domain;
mod error;
mod events;
mod grpc;
pub mod ids;
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

use crate::{app::App, config::Config, events::on_product_changed::OnProductChanged};

/// Opens the database and returns what is to be served.
///
/// # Errors
/// When the configuration holds a key, or the database in the service's folder cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    env.settings.parse::<Config>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let app = Arc::new(App::new(db.clone(), env.clock));
    let mut service = Service::new(env.service, grpc::routes(app.clone()));
    service.db = Some(db);
    service.handlers = vec![Arc::new(OnProductChanged)];
    service.tasks.push(BackgroundTask::new("expiry", |drain| workflows::expire_holds::run(app, drain)));
    Ok(service)
}
