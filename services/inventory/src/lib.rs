//! Stock: how many units lie where, and who holds them.
//!
//! See README.md for what it owns, promises and needs.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod changes;
mod domain;
mod grpc;
mod ids;
mod store;
#[cfg(test)]
mod tests;
mod workflows;

use changes::Changes;
use serde::Deserialize;
use shopmesh_kit::{
    clock::Clock,
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};
use std::sync::Arc;

/// What every handler needs.
#[derive(Clone)]
struct App {
    db: Db,
    clock: Arc<dyn Clock>,
    changes: Changes,
}

/// Opens the database and puts the service together.
///
/// # Errors
/// When the database cannot be opened or the configuration holds a key.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    env.settings.parse::<Config>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let app = App { db: db.clone(), clock: env.clock, changes: Changes::default() };
    let expiry = app.clone();
    let tasks =
        vec![BackgroundTask::new("expire-holds", |drain| workflows::expire_holds::run(expiry, drain))];
    Ok(Service { db: Some(db), tasks, ..Service::new(env.service, grpc::routes(app)) })
}

/// The `[inventory]` table of the configuration: nothing can be set, so that a mistaken key is told.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {}
