//! What the contract says about peers, roles and scopes, enforced over real connections.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use shopmesh_mesh::{
    ServiceName,
    net::{Drain, DrainTrigger},
    server::JwksVerifier,
    telemetry::Metrics,
    workload::SpiffeId,
};
use shopmesh_proto::{
    identity::v1::{
        auth_service_server::AuthServiceServer, revocation_service_server::RevocationServiceServer,
    },
    inventory::v1::{
        CommitReservationRequest, ListStockRequest, inventory_service_client::InventoryServiceClient,
        reservation_service_client::ReservationServiceClient,
    },
};
use tonic::{Code, Request, service::Routes};
use tonic_types::StatusExt;

use crate::support::{FORGETFUL, Running, TokenIssuer, Warehouse, World, ask, variant};

/// A warehouse behind tokens of a real issuer.
pub struct Shop {
    pub world: World,
    pub issuer: TokenIssuer,
    pub warehouse: Warehouse,
    pub server: Running,
    identity: Running,
    _following: DrainTrigger,
}

impl Shop {
    pub async fn open() -> Self {
        let (world, issuer, warehouse) = (World::new(), TokenIssuer::new(), Warehouse::new());
        let routes = Routes::new(AuthServiceServer::new(issuer.clone()))
            .add_service(RevocationServiceServer::new(issuer.clone()));
        let identity = world.serve_routes(ServiceName::Identity, routes, None, Metrics::default()).await;
        let (server, following) = checking(&world, &warehouse, identity.address).await;
        Self { world, issuer, warehouse, server, identity, _following: following }
    }

    /// Ends identity.
    pub async fn stop_identity(&mut self) {
        let (trigger, _) = Drain::new();
        let ended = std::mem::replace(&mut self.identity.trigger, trigger);
        assert!(ended.drain(Duration::from_secs(5)).await);
    }

    /// Another server of the same service, as after a restart or in another process.
    pub async fn another_server(&self) -> (Running, DrainTrigger) {
        checking(&self.world, &self.warehouse, self.identity.address).await
    }

    /// Lists stock of a variant through the edge, with a token or without.
    pub async fn list(&self, number: u32, token: Option<&str>) -> Code {
        let mut client = self.world.edge(self.server.address);
        let message = ListStockRequest { variant: variant(number), ..ListStockRequest::default() };
        code(client.list_stock(with_token(message, token)).await)
    }
}

/// A warehouse that asks identity about tokens.
async fn checking(world: &World, warehouse: &Warehouse, identity: SocketAddr) -> (Running, DrainTrigger) {
    let mesh = world.client(&SpiffeId::service(ServiceName::Inventory), ServiceName::Identity, identity);
    let tokens = Arc::new(JwksVerifier::new(mesh));
    let (trigger, drain) = Drain::new();
    let following = tokens.clone();
    tokio::spawn(async move { following.follow(drain).await });
    (world.serve(warehouse, Some(tokens)).await, trigger)
}

pub fn with_token<T>(message: T, token: Option<&str>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request
}

pub fn code<T>(outcome: Result<T, tonic::Status>) -> Code {
    outcome.map_or_else(|status| status.code(), |_| Code::Ok)
}

#[tokio::test]
async fn only_listed_peers_open_a_call() {
    let shop = Shop::open().await;
    let address = shop.server.address;
    let orders = shop.world.channel(&SpiffeId::service(ServiceName::Orders), address);
    let edge = shop.world.channel(&SpiffeId::edge("main"), address);

    // Inventory's public service is for the edge and operators, its reservations for orders.
    let mut public = InventoryServiceClient::new(orders.clone());
    assert_eq!(code(public.get_availability(ask(1)).await), Code::PermissionDenied);
    assert_eq!(shop.warehouse.runs(1), 0);
    assert_eq!(code(InventoryServiceClient::new(edge.clone()).get_availability(ask(1)).await), Code::Ok);

    let commit = || CommitReservationRequest { owner: format!("checkouts/chk_{:026}", 1) };
    let mut reservations = ReservationServiceClient::new(edge);
    assert_eq!(code(reservations.commit_reservation(commit()).await), Code::PermissionDenied);
    // Orders may; this server just does not have that service.
    let mut reservations = ReservationServiceClient::new(orders);
    assert_eq!(code(reservations.commit_reservation(commit()).await), Code::Unimplemented);
}

#[tokio::test]
async fn a_method_that_no_contract_describes_reaches_no_handler() {
    let shop = Shop::open().await;
    let channel = shop.world.channel(&SpiffeId::operator("cli"), shop.server.address);
    for path in ["/shopmesh.inventory.v1.InventoryService/Nothing", "/a.b.C/D", "/", "/x?y"] {
        let mut grpc = tonic::client::Grpc::new(channel.clone());
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<(), ()>::default();
        let outcome = grpc.unary(Request::new(()), path.parse().unwrap(), codec).await;
        assert_eq!(code(outcome), Code::Unimplemented, "{path}");
    }
}

#[tokio::test]
async fn roles_and_scopes_decide() {
    let shop = Shop::open().await;
    let token = |roles: &[(&str, &str)]| shop.issuer.token("users/usr_1", roles);
    let cases = [
        (None, Code::Unauthenticated),
        (Some(token(&[])), Code::PermissionDenied),
        (Some(token(&[("shopper", "")])), Code::PermissionDenied),
        (Some(token(&[("seller", "sellers/other")])), Code::PermissionDenied),
        (Some(token(&[("seller", "sellers/house")])), Code::Ok),
        (Some(token(&[("seller", "sellers/other"), ("seller", "sellers/house")])), Code::Ok),
        (Some(token(&[("operator", "")])), Code::Ok),
        (Some(token(&[("emperor", "")])), Code::PermissionDenied),
    ];
    for (number, (token, expected)) in cases.into_iter().enumerate() {
        assert_eq!(shop.list(1, token.as_deref()).await, expected, "case {number}");
    }
    // An operator's certificate is enough; with a token it acts as that user.
    let mut operator = shop.world.operator(shop.server.address);
    assert_eq!(code(operator.list_stock(ListStockRequest::default()).await), Code::Ok);
    let shopper = token(&[("shopper", "")]);
    let as_shopper = with_token(ListStockRequest::default(), Some(&shopper));
    assert_eq!(code(operator.list_stock(as_shopper).await), Code::PermissionDenied);
}

#[tokio::test]
async fn a_refusal_says_why_to_programs() {
    let shop = Shop::open().await;
    let token = |roles: &[(&str, &str)]| Some(shop.issuer.token("users/usr_1", roles));
    let cases = [
        (None, "ACCESS_TOKEN_MISSING"),
        (Some("not.a.token".to_owned()), "ACCESS_TOKEN_INVALID"),
        (token(&[("shopper", "")]), "ROLE_MISSING"),
        (token(&[("seller", "sellers/other")]), "RESOURCE_NOT_ALLOWED"),
    ];
    for (token, reason) in cases {
        let message = ListStockRequest { variant: variant(1), ..ListStockRequest::default() };
        let request = with_token(message, token.as_deref());
        let refusal = shop.world.edge(shop.server.address).list_stock(request).await.unwrap_err();
        let info = refusal.get_details_error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), (reason, "shopmesh"));
    }
}

#[tokio::test]
async fn a_handler_that_forgets_to_name_the_resource_gives_nothing_away() {
    let shop = Shop::open().await;
    let seller = shop.issuer.token("users/usr_1", &[("seller", "sellers/other")]);
    assert_eq!(shop.list(FORGETFUL, Some(&seller)).await, Code::Internal);
    assert_eq!(shop.warehouse.runs(FORGETFUL), 1);
    // Whose role needs no scope has nothing to be asked about.
    let operator = shop.issuer.token("users/usr_2", &[("operator", "")]);
    assert_eq!(shop.list(FORGETFUL, Some(&operator)).await, Code::Ok);
}

#[tokio::test]
async fn our_own_headers_cannot_be_brought_along() {
    let shop = Shop::open().await;
    let mut request = Request::new(ask(1));
    request.metadata_mut().insert("x-shopmesh-user", "users/root".parse().unwrap());
    request.metadata_mut().insert("x-other", "kept".parse().unwrap());
    shop.world.edge(shop.server.address).get_availability(request).await.unwrap();
    let seen = shop.warehouse.seen().remove(0);
    assert!(seen.get("x-shopmesh-user").is_none() && seen.get("x-other").is_some());
}
