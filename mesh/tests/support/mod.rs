//! A small mesh: an authority, an inventory server with a warehouse of odd goods, and clients of any identity.

pub mod certificates;
mod issuer;
mod warehouse;

pub use certificates::TestAuthority;
pub use issuer::TokenIssuer;
pub use warehouse::{ENDLESS, FLAKY, FORGETFUL, PANICS, STUCK, TALKATIVE, TINY, Warehouse, variant};

use std::{net::SocketAddr, sync::Arc, time::Duration};

use shopmesh_mesh::{
    ServiceName,
    client::{MeshChannel, MeshClient},
    discovery::Directory,
    net::{Drain, DrainTrigger},
    server::{MeshServer, TokenVerifier},
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain},
};
use shopmesh_proto::inventory::v1::{
    GetAvailabilityRequest, inventory_service_client::InventoryServiceClient,
    inventory_service_server::InventoryServiceServer,
};
use tempfile::TempDir;
use tonic::{Request, service::Routes};

/// Longest wait for what must happen.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// An authority and the identities it signed.
pub struct World {
    folder: TempDir,
    authority: CertificateAuthority,
}

/// A running server; dropping it ends it.
pub struct Running {
    pub address: SocketAddr,
    pub trigger: DrainTrigger,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
        Self { folder, authority }
    }

    pub fn identity(&self, id: &SpiffeId) -> Arc<Identity> {
        Identity::load(&self.authority.issue_to(id, self.folder.path()).unwrap()).unwrap()
    }

    /// An inventory service over the warehouse.
    pub async fn serve(&self, warehouse: &Warehouse, tokens: Option<Arc<dyn TokenVerifier>>) -> Running {
        let routes = Routes::new(InventoryServiceServer::new(warehouse.clone()));
        self.serve_routes(ServiceName::Inventory, routes, tokens, Metrics::default()).await
    }

    pub async fn serve_routes(
        &self,
        service: ServiceName,
        routes: Routes,
        tokens: Option<Arc<dyn TokenVerifier>>,
        metrics: Metrics,
    ) -> Running {
        let identity = self.identity(&SpiffeId::service(service));
        let mut server = MeshServer::builder(service, identity).routes(routes).metrics(metrics);
        if let Some(tokens) = tokens {
            server = server.tokens(tokens);
        }
        let server = server.bind().await.unwrap();
        let address = server.local_addr();
        server.health().set_serving().await;
        let (trigger, drain) = Drain::new();
        tokio::spawn(server.serve(drain));
        Running { address, trigger }
    }

    /// A client with an identity, for one service at one address.
    pub fn client(&self, id: &SpiffeId, to: ServiceName, address: SocketAddr) -> MeshClient {
        let directory = Directory::fixed([(to, vec![address])].into());
        MeshClient::new(self.identity(id), directory, Metrics::default())
    }

    pub fn channel(&self, id: &SpiffeId, address: SocketAddr) -> MeshChannel {
        self.client(id, ServiceName::Inventory, address).channel(ServiceName::Inventory)
    }

    /// The warehouse, as the edge reaches it.
    pub fn edge(&self, address: SocketAddr) -> InventoryServiceClient<MeshChannel> {
        InventoryServiceClient::new(self.channel(&SpiffeId::edge("main"), address))
    }

    /// The warehouse, as an operator reaches it.
    pub fn operator(&self, address: SocketAddr) -> InventoryServiceClient<MeshChannel> {
        InventoryServiceClient::new(self.channel(&SpiffeId::operator("cli"), address))
    }
}

pub fn ask(number: u32) -> GetAvailabilityRequest {
    GetAvailabilityRequest { variant: variant(number) }
}

/// A request that its caller waits for only so long.
pub fn within<T>(time: Duration, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(time);
    request
}

/// Polls until the condition holds.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let polling = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(TIMEOUT, polling).await.is_ok(), "never happened: {what}");
}
