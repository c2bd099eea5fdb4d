//! A server that has its port.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
};

use rustls::ServerConfig;
use shopmesh_proto::mesh::v1::ServingState;
use tokio::net::TcpListener;
use tonic_health::{ServingStatus, server::HealthReporter};

use super::handle::Handler;
use crate::net::{
    Drain,
    listener::{self, ListenerLimits},
};

/// Listens, but does not answer yet.
pub struct BoundServer {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) tls: Arc<ServerConfig>,
    pub(super) handler: Arc<Handler>,
    pub(super) health: HealthHandle,
}

/// Sets what a process says of its health. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HealthHandle {
    reporter: HealthReporter,
    services: Arc<[String]>,
    state: Arc<AtomicI32>,
    /// What is wrong, by what it is about.
    problems: Arc<Mutex<BTreeMap<&'static str, String>>>,
}

impl HealthHandle {
    pub(super) fn new(reporter: HealthReporter, services: Vec<String>) -> Self {
        Self {
            reporter,
            services: services.into(),
            state: Arc::new(AtomicI32::new(ServingState::Starting.into())),
            problems: Arc::default(),
        }
    }

    /// The process takes calls.
    pub async fn set_serving(&self) {
        self.set(ServingState::Serving, ServingStatus::Serving).await;
    }

    /// The process takes no new calls.
    pub async fn set_draining(&self) {
        self.set(ServingState::Draining, ServingStatus::NotServing).await;
    }

    /// What it says now.
    pub fn state(&self) -> ServingState {
        let state = ServingState::try_from(self.state.load(Ordering::Relaxed)).unwrap_or_default();
        match state {
            ServingState::Serving if !self.problem().is_empty() => ServingState::Degraded,
            _ => state,
        }
    }

    /// Tells what is wrong with something the service stands on, or that it is right again. Calls are taken all the same:
    /// some of them still work.
    pub fn report(&self, about: &'static str, problem: Option<String>) {
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        match problem {
            Some(problem) => problems.insert(about, problem),
            None => problems.remove(about),
        };
    }

    /// Everything that is wrong, for people; empty when nothing is.
    pub fn problem(&self) -> String {
        let problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        problems.values().map(String::as_str).collect::<Vec<_>>().join("; ")
    }

    pub(super) async fn set(&self, state: ServingState, status: ServingStatus) {
        self.state.store(state.into(), Ordering::Relaxed);
        // The empty name is the process (grpc.health.v1).
        self.reporter.set_service_status("", status).await;
        for service in self.services.iter() {
            self.reporter.set_service_status(service, status).await;
        }
    }
}

impl BoundServer {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Its health.
    pub fn health(&self) -> HealthHandle {
        self.health.clone()
    }

    /// Answers until the drain starts; running calls finish under the drain's time.
    pub async fn serve(self, drain: Drain) {
        let handler = self.handler;
        let health = self.health.clone();
        let draining = drain.clone();
        drain.spawn(async move {
            draining.started().await;
            health.set_draining().await;
        });
        listener::serve(
            self.listener,
            Some(self.tls),
            ListenerLimits::default(),
            drain.clone(),
            move |remote, mut request| {
                // Handlers of endless streams end them when the drain starts.
                request.extensions_mut().insert(drain.clone());
                handler.clone().handle(remote, request)
            },
        )
        .await;
    }
}
