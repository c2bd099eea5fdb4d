//! The catalogue: products, variants, prices, categories, attribute definitions, channels, and search over them.
//!
//! See README.md for what it owns, promises and needs.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
pub mod domain;
mod events;
mod grpc;
mod search;
mod store;

use std::sync::Arc;

use anyhow::Context;
use shopmesh_kit::{
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};
use shopmesh_proto::catalog::v1::{
    attribute_service_server::AttributeServiceServer, category_service_server::CategoryServiceServer,
    channel_service_server::ChannelServiceServer, product_import_service_server::ProductImportServiceServer,
    product_service_server::ProductServiceServer, quote_service_server::QuoteServiceServer,
};
use tonic::service::Routes;

use crate::{
    grpc::Catalog,
    search::{Indexer, ProductIndex},
};

/// Opens the database and the search index below `env.data_dir` and puts the service together.
///
/// # Errors
/// When one of them cannot be opened, or the settings name something unknown.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    let config::CatalogSettings {} = env.settings.parse()?;
    let db = Db::open(&env.database_path(), &store::MIGRATIONS).await?;
    let index = ProductIndex::open(&env.data_dir.join("search")).context("opening the search index")?;
    let index = Arc::new(index);
    let indexer = Indexer::new(db.clone(), Arc::clone(&index));
    let catalog = Catalog { db: db.clone(), clock: Arc::clone(&env.clock), index };
    let mut service = Service::new(env.service, routes(&catalog));
    service.db = Some(db);
    service.tasks.push(BackgroundTask::new("search-indexer", |drain| indexer.run(drain)));
    Ok(service)
}

fn routes(catalog: &Catalog) -> Routes {
    Routes::new(ProductServiceServer::new(catalog.clone()))
        .add_service(ProductImportServiceServer::new(catalog.clone()))
        .add_service(QuoteServiceServer::new(catalog.clone()))
        .add_service(CategoryServiceServer::new(catalog.clone()))
        .add_service(AttributeServiceServer::new(catalog.clone()))
        .add_service(ChannelServiceServer::new(catalog.clone()))
}
