//! This service as a whole: its RPCs over the real mesh (mutual TLS, policy, validation), its workflows and its
//! database, among peers that fail on demand.

mod carts;
mod checkout;
mod crashes;
mod limits;
mod orders;
mod peers;
mod refunds;
mod upgrade;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use shopmesh_kit::{BoxFuture, clock::SystemClock, db::Db, sealed::Sealer};
use shopmesh_mesh::{
    ServiceName,
    client::{MeshChannel, MeshClient},
    discovery::Directory,
    net::{Drain, DrainTrigger},
    server::{Claims, MeshServer, RoleBinding, TokenError, TokenVerifier},
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain, Workload},
};
use shopmesh_proto::{
    orders::v1::{
        self as pb, cart_service_client::CartServiceClient, checkout_service_client::CheckoutServiceClient,
        fulfillment_service_client::FulfillmentServiceClient, order_service_client::OrderServiceClient,
    },
    policy::Role,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tonic::{Request, Response, Status};

use crate::{app::App, assemble, grpc, peers::Peers, store::MIGRATOR};
use peers::FakePeers;

pub const ANN: &str = "users/usr_01J00000000000000000000ANN";
pub const BOB: &str = "users/usr_01J00000000000000000000B0B";
pub const STAFF: &str = "users/usr_01J0000000000000000000STAF";

/// A name as `variants/var_<26 characters>`.
pub fn variant(number: u32) -> String {
    format!("variants/var_{number:026}")
}

/// A request id, the same for the same number.
pub fn request_id(number: u128) -> String {
    let hex = format!("{number:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Takes the user's name for a token; staff are operators.
struct NamesAsTokens;

impl TokenVerifier for NamesAsTokens {
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Claims, TokenError>> {
        let role = if token == STAFF { Role::Operator } else { Role::Shopper };
        let claims = Claims {
            subject: token.to_owned(),
            session: String::new(),
            bindings: vec![RoleBinding { role, scope: String::new() }],
            account_version: 1,
            expires_at: i64::MAX,
        };
        Box::pin(async move { Ok(claims) })
    }
}

/// The running service, until it is crashed or dropped.
pub struct Shop {
    pub app: Arc<App>,
    pub peers: FakePeers,
    channel: MeshChannel,
    tasks: Vec<JoinHandle<()>>,
    _drain: DrainTrigger,
    folder: Arc<TempDir>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shop {
    /// Opens a shop that sells variants 1 to 3 at 2.50 with 100 units each.
    pub async fn open() -> Self {
        let peers = FakePeers::default();
        for number in 1..=3 {
            peers.world().prices.insert(variant(number), 250);
            peers.world().stock.insert(variant(number), 100);
        }
        Self::run(Arc::new(tempfile::tempdir().unwrap()), peers).await
    }

    /// Ends every task at once, as a kill would, and starts again on what is on disk.
    pub async fn crash_and_restart(self) -> Self {
        let (folder, peers) = (self.folder.clone(), self.peers.clone());
        drop(self);
        Self::run(folder, peers).await
    }

    async fn run(folder: Arc<TempDir>, peers: FakePeers) -> Self {
        let db = Db::open(&folder.path().join("orders.db"), &MIGRATOR).await.unwrap();
        let sealer = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
        let (app, background) = assemble(db, sealer, Arc::new(SystemClock), Peers::local(peers.routes()));
        let (trigger, drain) = Drain::new();
        let mut tasks: Vec<_> =
            background.into_iter().map(|task| tokio::spawn((task.run)(drain.clone()))).collect();

        let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
        let identity = |workload| {
            let id = SpiffeId { trust_domain: TrustDomain::default(), workload };
            Identity::load(&authority.issue_to(&id, folder.path()).unwrap()).unwrap()
        };
        let server =
            MeshServer::builder(ServiceName::Orders, identity(Workload::Service(ServiceName::Orders)))
                .listen(SocketAddr::from(([127, 0, 0, 1], 0)))
                .routes(grpc::routes(app.clone()))
                .tokens(Arc::new(NamesAsTokens))
                .bind()
                .await
                .unwrap();
        let directory = Directory::fixed([(ServiceName::Orders, vec![server.local_addr()])].into());
        server.health().set_serving().await;
        tasks.push(tokio::spawn(server.serve(drain)));
        let mesh = MeshClient::new(identity(Workload::Edge("main".into())), directory, Metrics::default());
        let channel = mesh.channel(ServiceName::Orders);
        Self { app, peers, channel, tasks, _drain: trigger, folder }
    }

    pub fn carts(&self) -> CartServiceClient<MeshChannel> {
        CartServiceClient::new(self.channel.clone())
    }

    pub fn checkouts(&self) -> CheckoutServiceClient<MeshChannel> {
        CheckoutServiceClient::new(self.channel.clone())
    }

    pub fn orders(&self) -> OrderServiceClient<MeshChannel> {
        OrderServiceClient::new(self.channel.clone())
    }

    pub fn fulfillment(&self) -> FulfillmentServiceClient<MeshChannel> {
        FulfillmentServiceClient::new(self.channel.clone())
    }

    /// A cart of `user` with units of variant 1.
    pub async fn cart(&self, user: &str, units: i64) -> pb::Cart {
        let lines = vec![pb::LineItem { variant: variant(1), quantity: units }];
        let request = pb::CreateCartRequest { lines, request_id: fresh_id(), ..Default::default() };
        self.carts().create_cart(by(user, request)).await.unwrap().into_inner()
    }

    /// A placed order of `user` with two units of variant 1.
    pub async fn order(&self, user: &str) -> pb::Order {
        let cart = self.cart(user, 2).await;
        let checkout = self.checkouts().start_checkout(by(user, buy(&cart))).await.unwrap().into_inner();
        assert_eq!(checkout.state(), pb::CheckoutState::Placed);
        self.get_order(user, &checkout.order).await
    }

    pub async fn get_order(&self, user: &str, name: &str) -> pb::Order {
        let request = pb::GetOrderRequest { name: name.to_owned() };
        self.orders().get_order(by(user, request)).await.unwrap().into_inner()
    }

    pub async fn get_cart(&self, user: &str, name: &str) -> pb::Cart {
        let request = pb::GetCartRequest { name: name.to_owned() };
        self.carts().get_cart(by(user, request)).await.unwrap().into_inner()
    }

    /// Starts a checkout without waiting for its answer, and returns its name once it runs.
    pub async fn start_in_background(&self, user: &'static str, request: pb::StartCheckoutRequest) -> String {
        let (mut client, cart) = (self.checkouts(), request.cart.clone());
        let call = tokio::spawn(async move { client.start_checkout(by(user, request)).await });
        // Not by GetCart, which asks the peers too.
        let started = || async {
            let request = pb::ListCartsRequest::default();
            let open = self.carts().list_carts(by(user, request)).await.unwrap().into_inner().carts;
            let found = open.into_iter().find(|open| open.name == cart).map(|cart| cart.checkout);
            found.filter(|checkout| !checkout.is_empty())
        };
        let name = eventually("the checkout starts", started).await;
        call.abort();
        name
    }

    /// The checkout once it is settled.
    pub async fn settled(&self, user: &str, name: &str) -> pb::Checkout {
        let look = || async {
            let request = pb::GetCheckoutRequest { name: name.to_owned() };
            let checkout = self.checkouts().get_checkout(by(user, request)).await.unwrap().into_inner();
            let settled = matches!(checkout.state(), pb::CheckoutState::Placed | pb::CheckoutState::Failed);
            settled.then_some(checkout)
        };
        eventually("the checkout is settled", look).await
    }

    /// Units of variant 1 that nobody holds or bought.
    pub fn available(&self) -> i64 {
        self.peers.world().stock[&variant(1)]
    }
}

/// A request of `user`.
pub fn by<T>(user: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {user}").parse().unwrap());
    request
}

/// A request id that was not used before.
pub fn fresh_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    request_id(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) | 4 << 76 | 8 << 60)
}

/// A checkout of a cart that everything is right with.
pub fn buy(cart: &pb::Cart) -> pb::StartCheckoutRequest {
    pb::StartCheckoutRequest {
        cart: cart.name.clone(),
        etag: cart.etag.clone(),
        expected_total: cart.subtotal.clone(),
        payment_token: "tok_approve".to_owned(),
        shipping_address: Some(address()),
        request_id: fresh_id(),
    }
}

pub fn address() -> pb::ShippingAddress {
    pb::ShippingAddress {
        recipient: "Ann Example".to_owned(),
        lines: vec!["1 Main Street".to_owned()],
        locality: "Springfield".to_owned(),
        administrative_area: "IL".to_owned(),
        postal_code: "62701".to_owned(),
        region_code: "US".to_owned(),
    }
}

/// The code and the violations (type, subject) of a refusal.
pub fn refusal<T: std::fmt::Debug>(
    answer: Result<Response<T>, Status>,
) -> (tonic::Code, Vec<(String, String)>) {
    use tonic_types::StatusExt;
    let status = answer.unwrap_err();
    let violations =
        status.get_details_precondition_failure().map(|details| details.violations).unwrap_or_default();
    (status.code(), violations.into_iter().map(|violation| (violation.r#type, violation.subject)).collect())
}

/// Polls until `look` finds something.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let poll = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), poll).await.unwrap_or_else(|_| panic!("{what} within 30 s"))
}
