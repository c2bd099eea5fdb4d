//! The RPCs against a real database in a temporary folder, called as the server calls them.

mod expiry;
mod import;
mod ownership;
mod reservations;
mod stock;
mod watch;

use std::{sync::Arc, time::Duration};

use shopmesh_kit::{
    clock::{Clock, ManualClock, Timestamp},
    db::{Db, sql},
    events::{self, Cause, EventHandler},
};
use shopmesh_mesh::{
    ServiceName,
    server::{Call, Claims, Principal, RoleBinding},
    workload::SpiffeId,
};
use shopmesh_proto::{
    catalog::v1 as catalog,
    inventory::v1::{
        inventory_service_server::InventoryService, reservation_service_server::ReservationService,
        stock_import_service_server::StockImportService, *,
    },
    policy::{PolicyTable, Role},
};
use tempfile::TempDir;
use tonic::{Request, Status};
use tonic_types::StatusExt;

use crate::{app::App, events::on_product_changed::OnProductChanged, grpc::Rpcs, store};

const EAST: &str = "locations/east";
const WEST: &str = "locations/west";
const HOUSE: &str = "sellers/house";
const ACME: &str = "sellers/acme";

/// An inventory of its own with the locations east (taken from first) and west, where the house sells variants 0 to 9.
struct Shop {
    app: Arc<App>,
    rpcs: Rpcs,
    clock: ManualClock,
    _folder: TempDir,
}

impl Shop {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("inventory.db"), &store::MIGRATOR).await.unwrap();
        let clock = ManualClock::at(Timestamp(1_700_000_000_000_000));
        let app = Arc::new(App::new(db, Arc::new(clock.clone())));
        let shop = Self { rpcs: Rpcs(app.clone()), app, clock, _folder: folder };
        for (name, priority) in [(EAST, 1), (WEST, 2)] {
            let location = Location { name: name.into(), title: name.to_uppercase(), priority };
            let request = CreateLocationRequest { location: Some(location) };
            shop.rpcs.create_location(by(operator(), "CreateLocation", request)).await.unwrap();
        }
        shop.sells(HOUSE, 0..10).await;
        shop
    }

    /// A shop with units of variant 1.
    async fn with(east: i64, west: i64) -> Self {
        let shop = Self::open().await;
        for (location, units) in [(EAST, east), (WEST, west)] {
            if units != 0 {
                shop.adjust(operator(), adjustment(1, location, units)).await.unwrap();
            }
        }
        shop
    }

    /// The catalog tells that `seller` has a product with these variants.
    async fn sells(&self, seller: &str, numbers: std::ops::Range<u32>) {
        let variants =
            numbers.map(|number| catalog::Variant { name: variant(number), ..catalog::Variant::default() });
        let product = catalog::Product {
            seller: seller.into(),
            variants: variants.collect(),
            ..catalog::Product::default()
        };
        let changed = catalog::ProductChanged { product: Some(product) };
        let cause = Cause::background("test", self.clock.now());
        let heard = self.app.db.write((changed, cause), |tx, (changed, cause)| {
            Box::pin(async move {
                let event = events::append(tx, cause, "products/test", changed).await?;
                OnProductChanged.handle(tx, &event).await
            })
        });
        heard.await.unwrap();
    }

    async fn adjust(&self, who: Principal, request: AdjustStockRequest) -> Result<Stock, Status> {
        self.rpcs.adjust_stock(by(who, "AdjustStock", request)).await.map(tonic::Response::into_inner)
    }

    async fn import(&self, count_id: &str, counts: Vec<StockCount>) -> Result<ImportStockResponse, Status> {
        let request = ImportStockRequest { count_id: count_id.into(), counts };
        let request = call(operator(), "StockImportService", "ImportStock", request);
        self.rpcs.import_stock(request).await.map(tonic::Response::into_inner)
    }

    async fn reserve(&self, owner: u32, lines: &[(u32, i64)]) -> Result<Reservation, Status> {
        let lines = lines
            .iter()
            .map(|(number, quantity)| ReserveLine { variant: variant(*number), quantity: *quantity });
        let ttl = prost_types::Duration { seconds: 60, nanos: 0 };
        let request = ReserveRequest { owner: checkout(owner), lines: lines.collect(), ttl: Some(ttl) };
        self.rpcs.reserve(by_orders("Reserve", request)).await.map(tonic::Response::into_inner)
    }

    async fn commit(&self, owner: u32) -> Result<Reservation, Status> {
        let request = CommitReservationRequest { owner: checkout(owner) };
        let request = by_orders("CommitReservation", request);
        self.rpcs.commit_reservation(request).await.map(tonic::Response::into_inner)
    }

    async fn release(&self, owner: u32) -> Result<Reservation, Status> {
        let request = ReleaseReservationRequest { owner: checkout(owner) };
        let request = by_orders("ReleaseReservation", request);
        self.rpcs.release_reservation(request).await.map(tonic::Response::into_inner)
    }

    async fn fulfill(&self, owner: u32) -> Result<Reservation, Status> {
        let request = FulfillReservationRequest { owner: checkout(owner) };
        let request = by_orders("FulfillReservation", request);
        self.rpcs.fulfill_reservation(request).await.map(tonic::Response::into_inner)
    }

    async fn available(&self, number: u32) -> i64 {
        let request = GetAvailabilityRequest { variant: variant(number) };
        let request = by(Principal::Anonymous, "GetAvailability", request);
        self.rpcs.get_availability(request).await.unwrap().into_inner().available
    }

    async fn verify(&self) -> VerifyStockResponse {
        let request = by(operator(), "VerifyStock", VerifyStockRequest {});
        self.rpcs.verify_stock(request).await.unwrap().into_inner()
    }

    /// Fails when stock does not add up to movements and reservations.
    async fn assert_sound(&self) {
        assert_eq!(self.verify().await.differences, []);
    }

    /// Short names of a subject's events; fails when their chain is broken.
    async fn events(&self, subject: &str) -> Vec<String> {
        events::verify_chain(&self.app.db, subject).await.unwrap();
        let events = events::stream_of(&self.app.db, subject).await.unwrap();
        let name = |event| events::type_name(event).rsplit('.').next().unwrap().to_owned();
        events.iter().map(name).collect()
    }

    /// Changes a row behind the service's back.
    async fn tamper(&self, text: &'static str) {
        let changed = self.app.db.write((), move |tx, ()| Box::pin(sql(text).execute(tx)));
        assert_ne!(changed.await.unwrap(), 0);
    }

    fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn variant(number: u32) -> String {
    format!("variants/var_{number:026}")
}

fn checkout(number: u32) -> String {
    format!("checkouts/chk_{number:026}")
}

fn operator() -> Principal {
    Principal::Operator("cli".to_owned())
}

fn seller(seller: &str) -> Principal {
    Principal::User(Claims {
        subject: "users/usr_01J00000000000000000000000".to_owned(),
        session: "ses_1".to_owned(),
        bindings: vec![RoleBinding { role: Role::Seller, scope: seller.to_owned() }],
        account_version: 1,
        expires_at: i64::MAX,
    })
}

/// Units of a variant received at a location, under a request id of their own.
fn adjustment(number: u32, location: &str, delta: i64) -> AdjustStockRequest {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    AdjustStockRequest {
        variant: variant(number),
        location: location.into(),
        delta,
        reason: MovementReason::Received.into(),
        request_id: format!("00000000-0000-4000-8000-{id:012x}"),
        ..AdjustStockRequest::default()
    }
}

/// A counted row that names no seller.
fn count(number: u32, on_hand: i64) -> StockCount {
    StockCount { variant: variant(number), location: EAST.into(), on_hand, ..StockCount::default() }
}

/// A request of InventoryService as its handler sees it.
fn by<M>(principal: Principal, method: &str, message: M) -> Request<M> {
    call(principal, "InventoryService", method, message)
}

/// A request of ReservationService, by the orders service.
fn by_orders<M>(method: &str, message: M) -> Request<M> {
    call(Principal::Workload(ServiceName::Orders), "ReservationService", method, message)
}

fn call<M>(principal: Principal, service: &str, method: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let peer = SpiffeId::service(ServiceName::Orders);
    let path = format!("/shopmesh.inventory.v1.{service}/{method}");
    let policy = PolicyTable::global().method(&path).unwrap();
    let deadline = tokio::time::Instant::now() + policy.deadline;
    request.extensions_mut().insert(Call::new(peer, principal, policy, deadline, String::new()));
    request
}

/// The kind and subject of each violated precondition.
fn violations(status: &Status) -> Vec<(String, String)> {
    let details = status.get_details_precondition_failure();
    let violations = details.map(|details| details.violations).unwrap_or_default();
    violations.into_iter().map(|violation| (violation.r#type, violation.subject)).collect()
}
