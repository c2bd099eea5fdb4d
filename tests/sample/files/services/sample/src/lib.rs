//! Swatches of cloth: what a new service looks like.
//!
//! See README.md for what it owns, promises and needs, and CONTRIBUTING.md for the rooms of a service.

mod app;
mod config;
pub mod domain;
mod grpc;
mod store;
mod translate;
mod usecases;

use std::sync::Arc;

use shopmesh_kit::{
    db::Db,
    service::{Service, ServiceEnv},
};

use crate::{app::App, config::Config};

/// Opens the database and returns what is to be served.
///
/// # Errors
/// When the configuration holds a key, or the database in the service's folder cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    env.settings.parse::<Config>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let mut service = Service::new(env.service, grpc::routes(Arc::new(App { db: db.clone() })));
    service.db = Some(db);
    Ok(service)
}
