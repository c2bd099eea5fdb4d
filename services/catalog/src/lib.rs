//! The catalog: products, variants, prices, categories, attribute definitions, channels, and search over them.
//!
//! See README.md for what it owns, promises and needs, and CONTRIBUTING.md for the rooms of a service.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod config;
pub mod domain;
mod error;
mod grpc;
pub mod ids;
mod search;
mod store;
#[cfg(test)]
mod tests;
mod translate;
mod usecases;
mod workflows;

use std::sync::Arc;

use anyhow::Context;
use shopmesh_kit::{
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};

use crate::{app::App, config::Config, search::ProductIndex, workflows::index_products::Indexer};

/// Opens the database and the search index below `env.data_dir` and returns what is to be served.
///
/// # Errors
/// When the configuration holds a key, or one of them cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    env.settings.parse::<Config>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let index = ProductIndex::open(&env.data_dir.join("search")).context("opening the search index")?;
    let app = Arc::new(App { db: db.clone(), clock: env.clock, index: Arc::new(index) });
    let indexer = Indexer::new(app.clone());
    let mut service = Service::new(env.service, grpc::routes(app));
    service.db = Some(db);
    service.tasks.push(BackgroundTask::new("search-indexer", |drain| indexer.run(drain)));
    Ok(service)
}
