//! Carts, checkouts and orders: from what a shopper means to buy to the parcel at the door.
//!
//! See README.md for what it owns, promises and needs, and CONTRIBUTING.md for the rooms of a service.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod config;
mod domain;
mod events;
mod grpc;
mod ids;
mod peers;
mod store;
#[cfg(test)]
mod tests;
mod translate;
mod usecases;
mod workflows;

use std::sync::Arc;

use shopmesh_kit::{
    clock::Clock,
    db::Db,
    saga::SagaRunner,
    sealed::Sealer,
    service::{BackgroundTask, Service, ServiceEnv},
};

use crate::{
    app::App,
    config::Config,
    events::on_payment_refunded::OnPaymentRefunded,
    peers::Peers,
    workflows::{cancel_order::CancelOrderSaga, place_order::PlaceOrderSaga, ship_order::ShipOrderSaga},
};

/// Opens the database, starts the workflows and returns what is to be served.
///
/// # Errors
/// When the configuration holds a key, or the database or the master key in the service's folder cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    env.settings.parse::<Config>()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let sealer = Sealer::open_in(&db, &env.data_dir, env.service.as_str()).await?;
    let (app, tasks) = assemble(db.clone(), sealer, env.clock, Peers::over(&env.mesh));
    let mut service = Service::new(env.service, grpc::routes(app));
    service.db = Some(db);
    service.handlers = vec![Arc::new(OnPaymentRefunded)];
    service.tasks = tasks;
    Ok(service)
}

/// The parts, and the workflows to run beside them.
fn assemble(db: Db, sealer: Sealer, clock: Arc<dyn Clock>, peers: Peers) -> (Arc<App>, Vec<BackgroundTask>) {
    let place = PlaceOrderSaga { peers: peers.clone(), db: db.clone(), sealer: sealer.clone() };
    let (cancel, ship) = (CancelOrderSaga(peers.clone()), ShipOrderSaga(peers.clone()));
    let (placing, checkouts) = SagaRunner::new(db.clone(), Arc::new(place), clock.clone());
    let (canceling, cancellations) = SagaRunner::new(db.clone(), Arc::new(cancel), clock.clone());
    let (shipping, shipments) = SagaRunner::new(db.clone(), Arc::new(ship), clock.clone());
    let app = Arc::new(App { db, clock, peers, sealer, checkouts, cancellations, shipments });
    let purged = app.clone();
    let tasks = vec![
        BackgroundTask::new("checkouts", |drain| placing.run(drain)),
        BackgroundTask::new("cancellations", |drain| canceling.run(drain)),
        BackgroundTask::new("shipments", |drain| shipping.run(drain)),
        BackgroundTask::new("purge", |drain| workflows::purge::run(purged, drain)),
    ];
    (app, tasks)
}
