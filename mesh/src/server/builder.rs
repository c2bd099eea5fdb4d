//! Putting a server together.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use shopmesh_proto::{
    DESCRIPTORS,
    mesh::v1::{ServingState, status_service_server::StatusServiceServer},
    policy::PolicyTable,
};
use tokio::time::Instant;
use tonic::service::Routes;
use tonic_health::ServingStatus;

use super::{
    bound::{BoundServer, HealthHandle},
    handle::Handler,
    http_route::HttpRoute,
    status_service::StatusApi,
    tokens::TokenVerifier,
};
use crate::{
    ServiceName,
    net::listener::{self, BindError},
    telemetry::Metrics,
    workload::{Identity, IdentityError},
};

/// The answering end of the mesh.
#[derive(Debug)]
pub struct MeshServer;

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its port.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Its certificate.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The descriptors for reflection.
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Which contracts reflection shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reflected {
    /// Those this service serves.
    #[default]
    Own,
    /// Those the edge serves, of all services.
    Public,
}

/// Settings of a server.
pub struct MeshServerBuilder {
    service: ServiceName,
    identity: Arc<Identity>,
    address: SocketAddr,
    routes: Routes,
    http_routes: Vec<HttpRoute>,
    tokens: Option<Arc<dyn TokenVerifier>>,
    metrics: Metrics,
    version: &'static str,
    reflected: Reflected,
}

impl MeshServer {
    /// A server of `service` that proves itself with `identity`, on any loopback port until told otherwise.
    pub fn builder(service: ServiceName, identity: Arc<Identity>) -> MeshServerBuilder {
        MeshServerBuilder {
            service,
            identity,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            routes: Routes::default(),
            http_routes: Vec::new(),
            tokens: None,
            metrics: Metrics::default(),
            version: env!("CARGO_PKG_VERSION"),
            reflected: Reflected::Own,
        }
    }
}

impl MeshServerBuilder {
    /// Where to listen.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// The service's own RPCs.
    pub fn routes(mut self, routes: Routes) -> Self {
        self.routes = routes;
        self
    }

    /// Adds a plain HTTP route.
    pub fn http_route(mut self, route: HttpRoute) -> Self {
        self.http_routes.push(route);
        self
    }

    /// Who checks users' tokens; without it every token is refused.
    pub fn tokens(mut self, tokens: Arc<dyn TokenVerifier>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Where calls are counted.
    pub fn metrics(mut self, metrics: Metrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// Version that the status tells.
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// Which contracts reflection shows.
    pub fn reflect(mut self, reflected: Reflected) -> Self {
        self.reflected = reflected;
        self
    }

    /// Takes the port, and adds health, reflection and status.
    pub async fn bind(self) -> Result<BoundServer, StartError> {
        let listener = listener::bind(self.address).await?;
        let address = listener.local_addr().map_err(|source| BindError { address: self.address, source })?;
        let tls = self.identity.server_config()?;

        let own = own_services(self.service);
        let (reporter, health_service) = tonic_health::server::health_reporter();
        let health = HealthHandle::new(reporter, own.iter().map(|name| (*name).to_owned()).collect());
        health.set(ServingState::Starting, ServingStatus::NotServing).await;
        let status = StatusApi {
            service: self.service,
            version: self.version,
            started: Instant::now(),
            health: health.clone(),
        };
        let mut shown = match self.reflected {
            Reflected::Own => own,
            Reflected::Public => public_services(),
        };
        shown.insert("grpc.health.v1.Health");
        let routes = self
            .routes
            .add_service(health_service)
            .add_service(reflection(&shown).build_v1()?)
            .add_service(reflection(&shown).build_v1alpha()?)
            .add_service(StatusServiceServer::new(status))
            .prepare();
        let handler =
            Handler { routes, http_routes: self.http_routes, tokens: self.tokens, metrics: self.metrics };
        Ok(BoundServer { listener, address, tls, handler: Arc::new(handler), health })
    }
}

fn own_services(service: ServiceName) -> BTreeSet<&'static str> {
    let methods = PolicyTable::global().methods();
    methods.filter(|method| method.domain == service.as_str()).map(|method| method.service.as_str()).collect()
}

fn public_services() -> BTreeSet<&'static str> {
    let methods = PolicyTable::global().methods();
    methods.filter(|method| method.is_public()).map(|method| method.service.as_str()).collect()
}

fn reflection(services: &BTreeSet<&'static str>) -> tonic_reflection::server::Builder<'static> {
    let builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    services.iter().fold(builder, |builder, name| builder.with_service_name(*name))
}
