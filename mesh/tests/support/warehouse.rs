//! An inventory service that does what the number of the variant asks for.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::inventory::v1::{inventory_service_server::InventoryService, *};
use tokio::sync::Semaphore;
use tokio_stream::Stream;
use tonic::{Code, Request, Response, Status, metadata::MetadataMap};

/// Its handler panics.
pub const PANICS: u32 = 9001;
/// Its handler waits until `Warehouse::release`.
pub const STUCK: u32 = 9002;
/// Fails twice with UNAVAILABLE, then answers.
pub const FLAKY: u32 = 9003;
/// Its handler forgets to name the resource.
pub const FORGETFUL: u32 = 9004;
/// Streams forever.
pub const ENDLESS: u32 = 9005;
/// Streams 10,000 small messages.
pub const TINY: u32 = 9006;

/// Fails with more words than headers hold.
pub const TALKATIVE: u32 = 9007;

/// `variants/var_...` of a number.
pub fn variant(number: u32) -> String {
    format!("variants/var_{number:026}")
}

#[derive(Clone)]
pub struct Warehouse(Arc<Inner>);

struct Inner {
    runs: Mutex<HashMap<String, usize>>,
    seen: Mutex<Vec<MetadataMap>>,
    adjusted: AtomicUsize,
    gate: Semaphore,
}

impl Warehouse {
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            runs: Mutex::default(),
            seen: Mutex::default(),
            adjusted: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        }))
    }

    /// How often the handler ran for a variant.
    pub fn runs(&self, number: u32) -> usize {
        self.0.runs.lock().unwrap().get(&variant(number)).copied().unwrap_or_default()
    }

    /// The metadata of every request, in order.
    pub fn seen(&self) -> Vec<MetadataMap> {
        self.0.seen.lock().unwrap().clone()
    }

    /// Adjustments that ran to their end.
    pub fn adjusted(&self) -> usize {
        self.0.adjusted.load(Ordering::SeqCst)
    }

    /// Lets stuck handlers go on.
    pub fn release(&self) {
        self.0.gate.close();
    }

    /// Notes a run and answers how many there were before.
    fn enter<T>(&self, request: &Request<T>, variant: &str) -> usize {
        self.0.seen.lock().unwrap().push(request.metadata().clone());
        let mut runs = self.0.runs.lock().unwrap();
        let count = runs.entry(variant.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    async fn behave(&self, asked: &str, before: usize) -> Result<(), Status> {
        if asked == variant(PANICS) {
            panic!("a wrong shelf");
        }
        if asked == variant(STUCK) {
            // Closing is the release.
            let _ = self.0.gate.acquire().await;
        }
        if asked == variant(TALKATIVE) {
            return Err(Status::failed_precondition("on and on ".repeat(10_000)));
        }
        if asked == variant(FLAKY) && before < 2 {
            return Err(Status::unavailable("the door is stuck"));
        }
        Ok(())
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl InventoryService for Warehouse {
    type WatchStockStream = Pin<Box<dyn Stream<Item = Result<Availability, Status>> + Send>>;

    async fn get_availability(&self, request: Request<GetAvailabilityRequest>) -> Answer<Availability> {
        let asked = request.get_ref().variant.clone();
        let before = self.enter(&request, &asked);
        self.behave(&asked, before).await?;
        Ok(Response::new(Availability { variant: asked, available: 7, version: 1 }))
    }

    async fn watch_stock(&self, request: Request<WatchStockRequest>) -> Answer<Self::WatchStockStream> {
        let asked = request.get_ref().variants[0].clone();
        let amount = if asked == variant(TINY) { 10_000 } else { usize::MAX };
        let panics = asked == variant(PANICS);
        let messages = (0..amount).map(move |number| {
            assert!(!panics || number < 3, "a wrong shelf");
            Ok(Availability { version: i64::try_from(number).unwrap(), ..Availability::default() })
        });
        Ok(Response::new(Box::pin(tokio_stream::iter(messages))))
    }

    async fn list_stock(&self, request: Request<ListStockRequest>) -> Answer<ListStockResponse> {
        let asked = request.get_ref().variant.clone();
        self.enter(&request, &asked);
        if asked != variant(FORGETFUL) {
            let seller = Some("sellers/house");
            Call::of(&request)?.authorize(&Resource { seller, ..Resource::default() })?;
        }
        Ok(Response::new(ListStockResponse::default()))
    }

    async fn adjust_stock(&self, request: Request<AdjustStockRequest>) -> Answer<Stock> {
        let AdjustStockRequest { variant: asked, seller, .. } = request.get_ref();
        let before = self.enter(&request, asked);
        Call::of(&request)?.authorize(&Resource { seller: Some(seller), ..Resource::default() })?;
        self.behave(asked, before).await?;
        self.0.adjusted.fetch_add(1, Ordering::SeqCst);
        Ok(Response::new(Stock::default()))
    }

    async fn list_locations(&self, _: Request<ListLocationsRequest>) -> Answer<ListLocationsResponse> {
        Err(Status::new(Code::Unimplemented, "not in this warehouse"))
    }

    async fn create_location(&self, _: Request<CreateLocationRequest>) -> Answer<Location> {
        Err(Status::new(Code::Unimplemented, "not in this warehouse"))
    }

    async fn list_movements(&self, _: Request<ListMovementsRequest>) -> Answer<ListMovementsResponse> {
        Err(Status::new(Code::Unimplemented, "not in this warehouse"))
    }

    async fn verify_stock(&self, _: Request<VerifyStockRequest>) -> Answer<VerifyStockResponse> {
        Err(Status::new(Code::Unimplemented, "not in this warehouse"))
    }
}
