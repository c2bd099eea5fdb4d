//! How many units lie where, and who holds them.
//!
//! `grpc` is what can be asked, `domain` what may change, `store` what is remembered, `workflows` what runs by itself,
//! `events` what is told to others and heard from them.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
pub mod domain;
mod events;
mod grpc;
mod store;
#[cfg(test)]
mod tests;
mod workflows;

use std::sync::Arc;

use serde::Deserialize;
use shopmesh_kit::{
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};

use crate::{app::App, events::on_product_changed::OnProductChanged};

/// Opens the database and returns what is to be served.
///
/// # Errors
/// When the configuration holds a key, or the database in the service's folder cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    env.settings.parse::<Config>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let app = App::new(db.clone(), env.clock);
    let mut service = Service::new(env.service, grpc::routes(&app));
    service.db = Some(db);
    service.handlers = vec![Arc::new(OnProductChanged)];
    service.tasks.push(BackgroundTask::new("expiry", |drain| workflows::expire_holds::run(app, drain)));
    Ok(service)
}

/// The `[inventory]` table of the configuration: nothing can be set, so that a mistaken key is told.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {}
