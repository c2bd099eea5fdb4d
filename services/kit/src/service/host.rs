//! Serves one or many services in one process: listeners, event delivery, background tasks, and an orderly end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use shopmesh_mesh::{
    ServiceName,
    client::MeshClient,
    net::{Drain, DrainTrigger},
    server::{BoundServer, HealthHandle, JwksVerifier, MeshServer},
    telemetry::Metrics,
    workload::Identity,
};
use shopmesh_proto::events::v1::event_log_service_server::EventLogServiceServer;

use super::{BackgroundTask, Service, janitor, storage};
use crate::{
    clock::Clock,
    db::Db,
    events::{EventLogApi, Inbox, LocalLogs, Processor, Relay},
};

/// Time that background work has after the last call ended; steps of sagas make calls of their own.
const WORK_GRACE: Duration = Duration::from_secs(10);

/// A service with where and as whom it runs.
pub struct Hosted {
    /// The service.
    pub service: Service,
    /// Where it listens.
    pub listen: SocketAddr,
    /// As whom.
    pub identity: Arc<Identity>,
    /// Its way to producers in other processes, and to identity's keys.
    pub mesh: MeshClient,
    /// Where its calls are counted.
    pub metrics: Metrics,
    /// The present.
    pub clock: Arc<dyn Clock>,
}

/// The running services of this process.
pub struct ServiceHost {
    addresses: Vec<(ServiceName, SocketAddr)>,
    health: Vec<HealthHandle>,
    servers: DrainTrigger,
    workers: DrainTrigger,
    databases: Vec<Db>,
}

impl ServiceHost {
    /// Binds all listeners, then starts everything. Services of this process deliver events to one another directly;
    /// producers elsewhere are read over the mesh.
    ///
    /// # Errors
    /// Names the service and the address that cannot be bound; nothing runs then.
    pub async fn start(services: Vec<Hosted>) -> anyhow::Result<ServiceHost> {
        let mut logs = LocalLogs::default();
        for hosted in &services {
            if let Some(db) = &hosted.service.db {
                logs.add(hosted.service.name, db.clone());
            }
        }
        let mut bound = Vec::with_capacity(services.len());
        for hosted in services {
            bound.push(bind(hosted, &logs).await?);
        }
        let (servers, serving) = Drain::new();
        let (workers, working) = Drain::new();
        let mut host = ServiceHost {
            addresses: Vec::new(),
            health: Vec::new(),
            servers,
            workers,
            databases: Vec::new(),
        };
        for (server, work) in bound {
            host.addresses.push((work.name, server.local_addr()));
            let health = server.health();
            let connections = serving.clone();
            serving.spawn(async move { server.serve(connections).await });
            host.databases.extend(work.start(&logs, &health, &working).await?);
            health.set_serving().await;
            host.health.push(health);
        }
        Ok(host)
    }

    /// Where each service listens.
    pub fn addresses(&self) -> &[(ServiceName, SocketAddr)] {
        &self.addresses
    }

    /// Ends in order: no new calls, running calls finish (for at most `grace`), then background work, then the databases
    /// are checkpointed and closed. Answers whether everything ended in time.
    pub async fn drain(self, grace: Duration) -> bool {
        for health in &self.health {
            health.set_draining().await;
        }
        let calls_ended = self.servers.drain(grace).await;
        let work_ended = self.workers.drain(WORK_GRACE).await;
        for db in self.databases {
            db.close().await;
        }
        calls_ended && work_ended
    }
}

/// The part of a service that runs beside its listener.
struct Work {
    name: ServiceName,
    db: Option<Db>,
    inbox: Option<Inbox>,
    tasks: Vec<BackgroundTask>,
    mesh: MeshClient,
    clock: Arc<dyn Clock>,
}

async fn bind(hosted: Hosted, logs: &LocalLogs) -> anyhow::Result<(BoundServer, Work)> {
    let Hosted { service, listen, identity, mesh, metrics, clock } = hosted;
    let Service { name, db, mut routes, http_routes, handlers, mut tasks, tokens, reflected } = service;
    if let Some(db) = &db {
        routes = routes.add_service(EventLogServiceServer::new(EventLogApi::new(db.clone())));
    }
    let tokens = tokens.unwrap_or_else(|| {
        let verifier = Arc::new(JwksVerifier::new(mesh.clone()));
        let following = verifier.clone();
        let follow = async move |drain: Drain| following.follow(drain).await;
        tasks.push(BackgroundTask::new("revocations", follow));
        verifier
    });
    let builder = MeshServer::builder(name, identity)
        .listen(listen)
        .routes(routes)
        .tokens(tokens)
        .metrics(metrics)
        .reflect(reflected);
    let builder = http_routes.into_iter().fold(builder, |builder, route| builder.http_route(route));
    let server = builder.bind().await.with_context(|| format!("cannot start {name}"))?;
    if db.is_none() && !handlers.is_empty() {
        anyhow::bail!("{name} consumes events but has no database to keep them in");
    }
    let inbox = db.clone().map(|db| Inbox::new(db, handlers, clock.clone()));
    if let Some(inbox) = &inbox {
        check_producers(name, inbox, logs).await?;
    }
    Ok((server, Work { name, db, inbox, tasks, mesh, clock }))
}

/// A producer here that has lost what its consumers have would publish new events in the place of old ones.
async fn check_producers(name: ServiceName, inbox: &Inbox, logs: &LocalLogs) -> anyhow::Result<()> {
    for producer in inbox.producers() {
        if let Some(log) = logs.get(producer) {
            let relay = Relay::new(producer, Arc::new(log), inbox.clone());
            relay
                .resume()
                .await
                .with_context(|| format!("{name} cannot go on reading the events of {producer}"))?;
        }
    }
    Ok(())
}

impl Work {
    /// Starts event delivery, purging and the service's own tasks. Returns the database to close at the end.
    async fn start(
        self,
        logs: &LocalLogs,
        health: &HealthHandle,
        working: &Drain,
    ) -> anyhow::Result<Option<Db>> {
        if let (Some(db), Some(inbox)) = (&self.db, self.inbox) {
            let retried = inbox.retry_parked().await?;
            if retried > 0 {
                tracing::info!(service = %self.name, retried, "parked events get another chance");
            }
            for producer in inbox.producers() {
                let source = logs.source(producer, &self.mesh);
                let relay = Relay::new(producer, source, inbox.clone()).reporting_to(health.clone());
                working.spawn(relay.run(working.clone()));
            }
            working.spawn(Processor::new(inbox.clone()).run(working.clone()));
            working.spawn(storage::watch(db.clone(), health.clone(), working.clone()));
            working.spawn(janitor::run(db.clone(), inbox, self.clock, working.clone()));
        }
        for task in self.tasks {
            working.spawn((task.run)(working.clone()));
        }
        Ok(self.db)
    }
}
