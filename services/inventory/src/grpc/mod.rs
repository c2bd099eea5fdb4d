//! The generated services, by delegation only.

mod adjust_stock;
mod batch_get_availability;
mod commit_reservation;
mod fulfill_reservation;
mod get_availability;
mod import_stock;
mod list_movements;
mod list_stock;
mod locations;
mod release_reservation;
mod reserve;
mod sellers;
pub mod translate;
mod verify_stock;
mod watch_stock;

use shopmesh_proto::inventory::v1::{
    inventory_service_server::{InventoryService, InventoryServiceServer},
    reservation_service_server::{ReservationService, ReservationServiceServer},
    stock_import_service_server::{StockImportService, StockImportServiceServer},
    *,
};
use tonic::{Request, Response, Status, async_trait, service::Routes};

use crate::app::App;

/// The routes of the three services.
pub fn routes(app: &App) -> Routes {
    Routes::new(InventoryServiceServer::new(app.clone()))
        .add_service(StockImportServiceServer::new(app.clone()))
        .add_service(ReservationServiceServer::new(app.clone()))
}

type Reply<T> = Result<Response<T>, Status>;

#[async_trait]
impl InventoryService for App {
    type WatchStockStream = watch_stock::Changes;

    async fn list_locations(&self, _: Request<ListLocationsRequest>) -> Reply<ListLocationsResponse> {
        Ok(Response::new(locations::list(self).await?))
    }

    async fn create_location(&self, request: Request<CreateLocationRequest>) -> Reply<Location> {
        Ok(Response::new(locations::create(self, request).await?))
    }

    async fn get_availability(&self, request: Request<GetAvailabilityRequest>) -> Reply<Availability> {
        Ok(Response::new(get_availability::answer(self, request).await?))
    }

    async fn watch_stock(&self, request: Request<WatchStockRequest>) -> Reply<Self::WatchStockStream> {
        Ok(Response::new(watch_stock::answer(self, request).await?))
    }

    async fn list_stock(&self, request: Request<ListStockRequest>) -> Reply<ListStockResponse> {
        Ok(Response::new(list_stock::answer(self, request).await?))
    }

    async fn adjust_stock(&self, request: Request<AdjustStockRequest>) -> Reply<Stock> {
        Ok(Response::new(adjust_stock::answer(self, request).await?))
    }

    async fn list_movements(&self, request: Request<ListMovementsRequest>) -> Reply<ListMovementsResponse> {
        Ok(Response::new(list_movements::answer(self, request).await?))
    }

    async fn verify_stock(&self, _: Request<VerifyStockRequest>) -> Reply<VerifyStockResponse> {
        Ok(Response::new(verify_stock::answer(self).await?))
    }
}

#[async_trait]
impl StockImportService for App {
    async fn import_stock(&self, request: Request<ImportStockRequest>) -> Reply<ImportStockResponse> {
        Ok(Response::new(import_stock::answer(self, request).await?))
    }
}

#[async_trait]
impl ReservationService for App {
    async fn reserve(&self, request: Request<ReserveRequest>) -> Reply<Reservation> {
        Ok(Response::new(reserve::answer(self, request).await?))
    }

    async fn batch_get_availability(
        &self,
        request: Request<BatchGetAvailabilityRequest>,
    ) -> Reply<BatchGetAvailabilityResponse> {
        Ok(Response::new(batch_get_availability::answer(self, request).await?))
    }

    async fn commit_reservation(&self, request: Request<CommitReservationRequest>) -> Reply<Reservation> {
        Ok(Response::new(commit_reservation::answer(self, request).await?))
    }

    async fn release_reservation(&self, request: Request<ReleaseReservationRequest>) -> Reply<Reservation> {
        Ok(Response::new(release_reservation::answer(self, request).await?))
    }

    async fn fulfill_reservation(&self, request: Request<FulfillReservationRequest>) -> Reply<Reservation> {
        Ok(Response::new(fulfill_reservation::answer(self, request).await?))
    }
}
