//! Messages to people: what events tell them, the texts, and the log of what was sent.
//!
//! See README.md for what it owns, promises and needs, and CONTRIBUTING.md for the rooms of a service.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod config;
pub mod domain;
mod events;
mod grpc;
pub mod ids;
mod mail;
mod peers;
mod store;
mod templates;
#[cfg(test)]
mod tests;
mod translate;
mod workflows;

use std::sync::Arc;

use shopmesh_kit::{
    ServiceName,
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};

use crate::{app::App, config::Config, mail::Mailer, peers::identity::Identity};

/// Opens the database and the way out for mail, and puts the service together.
///
/// # Errors
/// Names the setting that is wrong, or what cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    let Config { smtp } = env.settings.parse()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let app = Arc::new(App {
        db: db.clone(),
        clock: env.clock.clone(),
        identity: Identity(env.mesh.channel(ServiceName::Identity)),
        mailer: Mailer::new(smtp, &env.data_dir)?,
    });
    let mut service = Service::new(env.service, grpc::routes(app.clone()));
    service.db = Some(db);
    service.handlers = events::handlers(&env.clock);
    service.tasks.push(BackgroundTask::new("sender", |drain| workflows::send_deliveries::run(app, drain)));
    Ok(service)
}
