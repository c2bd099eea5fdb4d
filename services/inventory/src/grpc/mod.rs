//! The RPCs of this service: one file each, or one per resource, delegated to from the generated traits.

mod adjust_stock;
mod get_availability;
mod import_stock;
mod list_movements;
mod list_stock;
mod locations;
mod reservations;
mod translate;
mod verify_stock;
mod watch_stock;

use crate::{App, domain::reservation::Verb};
use shopmesh_proto::inventory::v1::{
    AdjustStockRequest, Availability, CommitReservationRequest, CreateLocationRequest,
    FulfillReservationRequest, GetAvailabilityRequest, ImportStockRequest, ImportStockResponse,
    ListLocationsRequest, ListLocationsResponse, ListMovementsRequest, ListMovementsResponse,
    ListStockRequest, ListStockResponse, Location, ReleaseReservationRequest, Reservation, ReserveRequest,
    Stock, VerifyStockRequest, VerifyStockResponse, WatchStockRequest,
    inventory_service_server::{InventoryService, InventoryServiceServer},
    reservation_service_server::{ReservationService, ReservationServiceServer},
    stock_import_service_server::{StockImportService, StockImportServiceServer},
};
use tonic::{Request, Response, Status, service::Routes};

/// Serves the three services of the contract.
#[derive(Clone)]
struct Rpcs(App);

/// The routes of the three services.
pub fn routes(app: App) -> Routes {
    let rpcs = Rpcs(app);
    Routes::new(InventoryServiceServer::new(rpcs.clone()))
        .add_service(StockImportServiceServer::new(rpcs.clone()))
        .add_service(ReservationServiceServer::new(rpcs))
}

#[tonic::async_trait]
impl InventoryService for Rpcs {
    type WatchStockStream = watch_stock::Availabilities;

    async fn list_locations(
        &self,
        _: Request<ListLocationsRequest>,
    ) -> Result<Response<ListLocationsResponse>, Status> {
        locations::list(&self.0).await
    }

    async fn create_location(
        &self,
        request: Request<CreateLocationRequest>,
    ) -> Result<Response<Location>, Status> {
        locations::create(&self.0, request).await
    }

    async fn get_availability(
        &self,
        request: Request<GetAvailabilityRequest>,
    ) -> Result<Response<Availability>, Status> {
        get_availability::get_availability(&self.0, request).await
    }

    async fn watch_stock(
        &self,
        request: Request<WatchStockRequest>,
    ) -> Result<Response<Self::WatchStockStream>, Status> {
        watch_stock::watch_stock(&self.0, request).await
    }

    async fn list_stock(
        &self,
        request: Request<ListStockRequest>,
    ) -> Result<Response<ListStockResponse>, Status> {
        list_stock::list_stock(&self.0, request).await
    }

    async fn adjust_stock(&self, request: Request<AdjustStockRequest>) -> Result<Response<Stock>, Status> {
        adjust_stock::adjust_stock(&self.0, request).await
    }

    async fn list_movements(
        &self,
        request: Request<ListMovementsRequest>,
    ) -> Result<Response<ListMovementsResponse>, Status> {
        list_movements::list_movements(&self.0, request).await
    }

    async fn verify_stock(
        &self,
        _: Request<VerifyStockRequest>,
    ) -> Result<Response<VerifyStockResponse>, Status> {
        verify_stock::verify_stock(&self.0).await
    }
}

#[tonic::async_trait]
impl StockImportService for Rpcs {
    async fn import_stock(
        &self,
        request: Request<ImportStockRequest>,
    ) -> Result<Response<ImportStockResponse>, Status> {
        import_stock::import_stock(&self.0, request).await
    }
}

#[tonic::async_trait]
impl ReservationService for Rpcs {
    async fn reserve(&self, request: Request<ReserveRequest>) -> Result<Response<Reservation>, Status> {
        reservations::reserve(&self.0, request).await
    }

    async fn commit_reservation(
        &self,
        request: Request<CommitReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        let owner = request.get_ref().owner.clone();
        reservations::apply(&self.0, &request, owner, Verb::Commit).await
    }

    async fn release_reservation(
        &self,
        request: Request<ReleaseReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        let owner = request.get_ref().owner.clone();
        reservations::apply(&self.0, &request, owner, Verb::Release).await
    }

    async fn fulfill_reservation(
        &self,
        request: Request<FulfillReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        let owner = request.get_ref().owner.clone();
        reservations::apply(&self.0, &request, owner, Verb::Fulfill).await
    }
}
