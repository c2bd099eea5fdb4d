//! What can be asked, one file an RPC.

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
mod verify_stock;
mod watch_stock;

use shopmesh_kit::rpcs;
use shopmesh_proto::inventory::v1::{
    inventory_service_server::{InventoryService, InventoryServiceServer},
    reservation_service_server::{ReservationService, ReservationServiceServer},
    stock_import_service_server::{StockImportService, StockImportServiceServer},
    *,
};

use crate::app::App;

rpcs! {
    App;
    InventoryService in InventoryServiceServer where WatchStockStream = watch_stock::Changes {
        list_locations(ListLocationsRequest) -> ListLocationsResponse = locations::list,
        create_location(CreateLocationRequest) -> Location = locations::create,
        get_availability(GetAvailabilityRequest) -> Availability = get_availability::answer,
        watch_stock(WatchStockRequest) -> Self::WatchStockStream = watch_stock::answer,
        list_stock(ListStockRequest) -> ListStockResponse = list_stock::answer,
        adjust_stock(AdjustStockRequest) -> Stock = adjust_stock::answer,
        list_movements(ListMovementsRequest) -> ListMovementsResponse = list_movements::answer,
        verify_stock(VerifyStockRequest) -> VerifyStockResponse = verify_stock::answer,
    }
    StockImportService in StockImportServiceServer {
        import_stock(ImportStockRequest) -> ImportStockResponse = import_stock::answer,
    }
    ReservationService in ReservationServiceServer {
        reserve(ReserveRequest) -> Reservation = reserve::answer,
        batch_get_availability(BatchGetAvailabilityRequest) -> BatchGetAvailabilityResponse = batch_get_availability::answer,
        commit_reservation(CommitReservationRequest) -> Reservation = commit_reservation::answer,
        release_reservation(ReleaseReservationRequest) -> Reservation = release_reservation::answer,
        fulfill_reservation(FulfillReservationRequest) -> Reservation = fulfill_reservation::answer,
    }
}
