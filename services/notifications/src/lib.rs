//! Messages to people: what events tell them, the texts, and the log of what was sent.
//!
//! `events` turns what happened elsewhere into deliveries, `sender` sends them by `mail`, `grpc` shows the log.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod domain;
mod events;
mod grpc;
mod ids;
mod mail;
mod sender;
mod store;
mod templates;
#[cfg(test)]
mod tests;

use shopmesh_kit::{
    ServiceName,
    db::Db,
    service::{BackgroundTask, Service, ServiceEnv},
};

use crate::{config::Config, mail::Mailer, sender::Sender};

/// Opens the database and the way out for mail, and puts the service together.
///
/// # Errors
/// Names the setting that is wrong, or what cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    let Config { smtp } = env.settings.parse()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let sender = Sender {
        db: db.clone(),
        clock: env.clock.clone(),
        identity: env.mesh.channel(ServiceName::Identity),
        mailer: Mailer::new(smtp, &env.data_dir)?,
    };
    let mut service = Service::new(env.service, grpc::routes(db.clone()));
    service.db = Some(db);
    service.handlers = events::handlers(&env.clock);
    service.tasks.push(BackgroundTask::new("sender", |drain| sender.run(drain)));
    Ok(service)
}
