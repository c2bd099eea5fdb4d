//! Catalog, inventory and payments in miniature, behind their generated servers: they keep state, so that a test can
//! ask what is held, and they fail when told to, before or after the effect.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use shopmesh_proto::{
    catalog::v1::{
        Channel, CreateChannelRequest, GetChannelRequest, ListChannelsRequest, ListChannelsResponse,
        QuoteVariantsRequest, QuoteVariantsResponse, VariantQuote,
        channel_service_server::{ChannelService, ChannelServiceServer},
        quote_service_server::{QuoteService, QuoteServiceServer},
    },
    google::r#type::Money,
    inventory::v1::{
        Availability, BatchGetAvailabilityRequest, BatchGetAvailabilityResponse, CommitReservationRequest,
        FulfillReservationRequest, ReleaseReservationRequest, Reservation, ReservationState, ReserveRequest,
        reservation_service_server::{ReservationService, ReservationServiceServer},
    },
    payments::v1::{
        AuthorizePaymentRequest, CapturePaymentRequest, Payment, PaymentState, SyncPaymentRequest,
        VoidPaymentRequest,
        payment_flow_service_server::{PaymentFlowService, PaymentFlowServiceServer},
    },
};
use tonic::{Code, Request, Response, Status, service::Routes};
use tonic_types::{ErrorDetails, StatusExt};

/// How a call fails.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Without an effect.
    Lost(Code),
    /// After its effect: the answer is lost.
    AnswerLost,
    /// After its effect: never an answer.
    Silent,
}

/// What the peers know.
#[derive(Default)]
pub struct World {
    /// Price in cents by variant; others are not sold.
    pub prices: HashMap<String, i64>,
    /// Units available by variant.
    pub stock: HashMap<String, i64>,
    /// Reservation by checkout.
    pub holds: HashMap<String, (ReservationState, Vec<(String, i64)>)>,
    /// Payment by checkout.
    pub payments: HashMap<String, (PaymentState, i64)>,
    /// What the provider says when it is asked again about an unknown payment, in turn.
    pub syncs: VecDeque<PaymentState>,
    /// How the next calls of an RPC fail.
    pub faults: HashMap<&'static str, VecDeque<Fault>>,
    /// RPCs that were called, in turn.
    pub calls: Vec<&'static str>,
}

/// Handle on the peers.
#[derive(Clone, Default)]
pub struct FakePeers(Arc<Mutex<World>>);

impl FakePeers {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub fn fail(&self, rpc: &'static str, faults: impl IntoIterator<Item = Fault>) {
        self.world().faults.entry(rpc).or_default().extend(faults);
    }

    pub fn count(&self, rpc: &str) -> usize {
        self.world().calls.iter().filter(|call| **call == rpc).count()
    }

    pub fn routes(&self) -> Routes {
        Routes::new(QuoteServiceServer::new(self.clone()))
            .add_service(ChannelServiceServer::new(self.clone()))
            .add_service(ReservationServiceServer::new(self.clone()))
            .add_service(PaymentFlowServiceServer::new(self.clone()))
    }

    async fn answer<T>(
        &self,
        rpc: &'static str,
        effect: impl FnOnce(&mut World) -> Result<T, Status>,
    ) -> Result<Response<T>, Status> {
        let fault = {
            let mut world = self.world();
            world.calls.push(rpc);
            world.faults.get_mut(rpc).and_then(VecDeque::pop_front)
        };
        if let Some(Fault::Lost(code)) = fault {
            return Err(Status::new(code, "told to fail"));
        }
        let answer = effect(&mut self.world())?;
        match fault {
            None => Ok(Response::new(answer)),
            Some(Fault::Silent) => std::future::pending().await,
            Some(_) => Err(Status::unavailable("the answer got lost")),
        }
    }
}

impl World {
    fn reservation(&self, owner: &str) -> Reservation {
        let state = self.holds.get(owner).map_or(ReservationState::Released, |hold| hold.0);
        Reservation { owner: owner.to_owned(), state: state.into(), ..Reservation::default() }
    }

    fn reserve(&mut self, request: &ReserveRequest) -> Result<Reservation, Status> {
        match self.holds.get(&request.owner).map(|hold| hold.0) {
            Some(ReservationState::Held) => return Ok(self.reservation(&request.owner)),
            Some(_) => return Err(Status::failed_precondition("barred")),
            None => {}
        }
        let lines: Vec<(String, i64)> =
            request.lines.iter().map(|line| (line.variant.clone(), line.quantity)).collect();
        let mut details = ErrorDetails::new();
        for (variant, quantity) in &lines {
            if self.stock.get(variant).copied().unwrap_or(0) < *quantity {
                details.add_precondition_failure_violation("STOCK", variant, "short");
            }
        }
        if details.precondition_failure().is_some() {
            return Err(Status::with_error_details(Code::FailedPrecondition, "not enough stock", details));
        }
        for (variant, quantity) in &lines {
            *self.stock.entry(variant.clone()).or_default() -= quantity;
        }
        self.holds.insert(request.owner.clone(), (ReservationState::Held, lines));
        Ok(self.reservation(&request.owner))
    }

    fn commit(&mut self, owner: &str) -> Result<Reservation, Status> {
        match self.holds.get_mut(owner) {
            Some((state @ (ReservationState::Held | ReservationState::Committed), _)) => {
                *state = ReservationState::Committed;
            }
            _ => return Err(Status::failed_precondition("the hold is gone")),
        }
        Ok(self.reservation(owner))
    }

    fn release(&mut self, owner: &str) -> Reservation {
        let (state, lines) =
            self.holds.entry(owner.to_owned()).or_insert((ReservationState::Released, Vec::new()));
        if matches!(state, ReservationState::Held | ReservationState::Committed) {
            for (variant, quantity) in lines {
                *self.stock.entry(variant.clone()).or_default() += *quantity;
            }
        }
        *state = ReservationState::Released;
        self.reservation(owner)
    }

    fn payment(&self, checkout: &str) -> Payment {
        let (state, _) = self.payments.get(checkout).copied().unwrap_or((PaymentState::Voided, 0));
        let id = checkout.trim_start_matches("checkouts/chk_");
        let failure_code = if state == PaymentState::Failed { "card_declined" } else { "" };
        Payment {
            name: format!("payments/pay_{id}"),
            checkout: checkout.to_owned(),
            state: state.into(),
            failure_code: failure_code.to_owned(),
            ..Payment::default()
        }
    }

    fn authorize(&mut self, request: &AuthorizePaymentRequest) -> Result<Payment, Status> {
        let amount = request.amount.clone().unwrap_or_default();
        let cents = amount.units * 100 + i64::from(amount.nanos) / 10_000_000;
        let state = match request.payment_token.as_str() {
            "tok_approve" => PaymentState::Authorised,
            "tok_decline" => PaymentState::Failed,
            "tok_invalid" => return Err(Status::invalid_argument("no such token")),
            _ => PaymentState::Unknown,
        };
        match self.payments.get(&request.checkout) {
            Some((PaymentState::Voided, _)) => return Err(Status::failed_precondition("voided")),
            Some((_, known)) if *known != cents => return Err(Status::invalid_argument("another amount")),
            Some(_) => {}
            None => drop(self.payments.insert(request.checkout.clone(), (state, cents))),
        }
        Ok(self.payment(&request.checkout))
    }

    fn sync(&mut self, checkout: &str) -> Payment {
        let known = self.payments.get_mut(checkout);
        if let (Some(state), Some(payment)) = (self.syncs.pop_front(), known) {
            payment.0 = state;
        }
        self.payment(checkout)
    }

    fn void(&mut self, checkout: &str) -> Result<Payment, Status> {
        let payment = self.payments.entry(checkout.to_owned()).or_insert((PaymentState::Voided, 0));
        if payment.0 == PaymentState::Captured {
            return Err(Status::failed_precondition("captured"));
        }
        payment.0 = PaymentState::Voided;
        Ok(self.payment(checkout))
    }

    fn capture(&mut self, checkout: &str) -> Result<Payment, Status> {
        match self.payments.get_mut(checkout) {
            Some((state @ (PaymentState::Authorised | PaymentState::Captured), _)) => {
                *state = PaymentState::Captured;
            }
            _ => return Err(Status::failed_precondition("not authorized")),
        }
        Ok(self.payment(checkout))
    }

    fn fulfill(&mut self, owner: &str) -> Result<Reservation, Status> {
        match self.holds.get_mut(owner) {
            Some((state @ (ReservationState::Committed | ReservationState::Fulfilled), _)) => {
                *state = ReservationState::Fulfilled;
            }
            _ => return Err(Status::failed_precondition("not committed")),
        }
        Ok(self.reservation(owner))
    }
}

#[tonic::async_trait]
impl QuoteService for FakePeers {
    async fn quote_variants(
        &self,
        request: Request<QuoteVariantsRequest>,
    ) -> Result<Response<QuoteVariantsResponse>, Status> {
        self.answer("quote", |world| {
            let mut response = QuoteVariantsResponse::default();
            for variant in request.into_inner().variants {
                let Some(cents) = world.prices.get(&variant) else {
                    response.unavailable.push(variant);
                    continue;
                };
                let nanos = i32::try_from(cents % 100).unwrap() * 10_000_000;
                response.quotes.push(VariantQuote {
                    product: variant.replace("variants/var_", "products/prd_"),
                    seller: "sellers/house".to_owned(),
                    sku: "sku".to_owned(),
                    title: "Thing".to_owned(),
                    unit_price: Some(Money { currency_code: "USD".to_owned(), units: cents / 100, nanos }),
                    variant,
                });
            }
            Ok(response)
        })
        .await
    }
}

#[tonic::async_trait]
impl ChannelService for FakePeers {
    async fn get_channel(&self, request: Request<GetChannelRequest>) -> Result<Response<Channel>, Status> {
        let name = request.into_inner().name;
        self.answer("channel", |_| match name.as_str() {
            "channels/default" => Ok(Channel {
                name,
                currency_code: "USD".to_owned(),
                countries: vec!["US".to_owned()],
                ..Channel::default()
            }),
            _ => Err(Status::not_found("no such channel")),
        })
        .await
    }

    async fn list_channels(
        &self,
        _: Request<ListChannelsRequest>,
    ) -> Result<Response<ListChannelsResponse>, Status> {
        Err(Status::unimplemented("orders never lists channels"))
    }

    async fn create_channel(&self, _: Request<CreateChannelRequest>) -> Result<Response<Channel>, Status> {
        Err(Status::unimplemented("orders never creates channels"))
    }
}

#[tonic::async_trait]
impl ReservationService for FakePeers {
    async fn reserve(&self, request: Request<ReserveRequest>) -> Result<Response<Reservation>, Status> {
        self.answer("reserve", |world| world.reserve(request.get_ref())).await
    }

    async fn batch_get_availability(
        &self,
        request: Request<BatchGetAvailabilityRequest>,
    ) -> Result<Response<BatchGetAvailabilityResponse>, Status> {
        self.answer("available", |world| {
            let of = |variant: String| Availability {
                available: world.stock.get(&variant).copied().unwrap_or(0),
                variant,
                version: 1,
            };
            let variants = request.into_inner().variants;
            Ok(BatchGetAvailabilityResponse { availabilities: variants.into_iter().map(of).collect() })
        })
        .await
    }

    async fn commit_reservation(
        &self,
        request: Request<CommitReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        self.answer("commit", |world| world.commit(&request.get_ref().owner)).await
    }

    async fn release_reservation(
        &self,
        request: Request<ReleaseReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        self.answer("release", |world| Ok(world.release(&request.get_ref().owner))).await
    }

    async fn fulfill_reservation(
        &self,
        request: Request<FulfillReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        self.answer("fulfill", |world| world.fulfill(&request.get_ref().owner)).await
    }
}

#[tonic::async_trait]
impl PaymentFlowService for FakePeers {
    async fn authorize_payment(
        &self,
        request: Request<AuthorizePaymentRequest>,
    ) -> Result<Response<Payment>, Status> {
        self.answer("authorize", |world| world.authorize(request.get_ref())).await
    }

    async fn capture_payment(
        &self,
        request: Request<CapturePaymentRequest>,
    ) -> Result<Response<Payment>, Status> {
        self.answer("capture", |world| world.capture(&request.get_ref().checkout)).await
    }

    async fn void_payment(&self, request: Request<VoidPaymentRequest>) -> Result<Response<Payment>, Status> {
        self.answer("void", |world| world.void(&request.get_ref().checkout)).await
    }

    async fn sync_payment(&self, request: Request<SyncPaymentRequest>) -> Result<Response<Payment>, Status> {
        self.answer("sync", |world| Ok(world.sync(&request.get_ref().checkout))).await
    }
}
