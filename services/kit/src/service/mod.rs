//! A service as a value, and the host that serves it.

mod host;
mod janitor;
mod storage;

pub use host::{Hosted, ServiceHost};

use std::{path::PathBuf, sync::Arc};

use shopmesh_mesh::{
    ServiceName,
    client::MeshClient,
    net::Drain,
    server::{HttpRoute, Reflected, TokenVerifier},
    telemetry::Metrics,
};
use tonic::service::Routes;

use crate::{BoxFuture, clock::Clock, db::Db, events::EventHandler, settings::Settings};

/// What a service is built from.
#[derive(Clone)]
pub struct ServiceEnv {
    /// Which service.
    pub service: ServiceName,
    /// The service's own folder.
    pub data_dir: PathBuf,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// The way to other services.
    pub mesh: MeshClient,
    /// The service's table of the configuration.
    pub settings: Settings,
    /// Where it counts.
    pub metrics: Metrics,
}

impl ServiceEnv {
    /// Path of the service's SQLite database.
    pub fn database_path(&self) -> PathBuf {
        self.data_dir.join(format!("{}.db", self.service))
    }
}

/// A service ready to be served by [`ServiceHost`].
pub struct Service {
    /// Which service.
    pub name: ServiceName,
    /// Its database; with one, its event log is served and its handlers run.
    pub db: Option<Db>,
    /// Its RPCs.
    pub routes: Routes,
    /// Its plain HTTP routes.
    pub http_routes: Vec<HttpRoute>,
    /// Its consumers of events.
    pub handlers: Vec<Arc<dyn EventHandler>>,
    /// What it runs beside.
    pub tasks: Vec<BackgroundTask>,
    /// Who checks tokens sent to it, if not identity over the mesh; for identity itself.
    pub tokens: Option<Arc<dyn TokenVerifier>>,
    /// Which contracts its reflection shows.
    pub reflected: Reflected,
}

impl Service {
    /// A service with these RPCs and nothing else yet.
    pub fn new(name: ServiceName, routes: Routes) -> Self {
        Self {
            name,
            db: None,
            routes,
            http_routes: Vec::new(),
            handlers: Vec::new(),
            tasks: Vec::new(),
            tokens: None,
            reflected: Reflected::Own,
        }
    }
}

/// Work that runs as long as the service; it ends soon after the drain starts.
pub struct BackgroundTask {
    /// Name for logs.
    pub name: &'static str,
    /// Starts it.
    pub run: Box<dyn FnOnce(Drain) -> BoxFuture<'static, ()> + Send>,
}

impl BackgroundTask {
    /// A task from an async closure, such as `|drain| runner.run(drain)`.
    pub fn new<F, R>(name: &'static str, run: F) -> Self
    where
        F: FnOnce(Drain) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(move |drain| Box::pin(run(drain))) }
    }
}

#[cfg(test)]
mod tests;
