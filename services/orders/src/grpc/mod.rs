//! The RPCs of this service: one file each, delegated to from the generated traits.

mod add_lines;
mod cancel_order;
mod carts;
mod create_shipment;
mod found;
mod get_cart;
mod get_checkout;
mod get_order;
mod list_order_events;
mod list_orders;
mod mark_delivered;
mod operation;
mod running_checkout;
mod set_lines;
mod start_checkout;
pub mod translate;
mod wait;
mod watch_checkout;

use std::sync::Arc;

use shopmesh_proto::orders::v1::{
    AddLinesRequest, CancelOrderRequest, Cart, Checkout, CreateCartRequest, CreateShipmentRequest,
    DeleteCartRequest, GetCartRequest, GetCheckoutRequest, GetOrderRequest, ListCartsRequest,
    ListCartsResponse, ListOrderEventsRequest, ListOrderEventsResponse, ListOrdersRequest,
    ListOrdersResponse, MarkDeliveredRequest, Order, SetLinesRequest, StartCheckoutRequest,
    WatchCheckoutRequest,
    cart_service_server::{CartService, CartServiceServer},
    checkout_service_server::{CheckoutService, CheckoutServiceServer},
    fulfillment_service_server::{FulfillmentService, FulfillmentServiceServer},
    order_service_server::{OrderService, OrderServiceServer},
};
use tonic::{Request, Response, Status, service::Routes};

use crate::app::App;

/// Serves the four services of the contract.
#[derive(Clone)]
struct Rpcs(Arc<App>);

/// The routes of the four services.
pub fn routes(app: Arc<App>) -> Routes {
    let rpcs = Rpcs(app);
    Routes::new(CartServiceServer::new(rpcs.clone()))
        .add_service(CheckoutServiceServer::new(rpcs.clone()))
        .add_service(OrderServiceServer::new(rpcs.clone()))
        .add_service(FulfillmentServiceServer::new(rpcs))
}

#[tonic::async_trait]
impl CartService for Rpcs {
    async fn create_cart(&self, request: Request<CreateCartRequest>) -> Result<Response<Cart>, Status> {
        carts::create(&self.0, request).await
    }

    async fn get_cart(&self, request: Request<GetCartRequest>) -> Result<Response<Cart>, Status> {
        get_cart::get_cart(&self.0, request).await
    }

    async fn list_carts(
        &self,
        request: Request<ListCartsRequest>,
    ) -> Result<Response<ListCartsResponse>, Status> {
        carts::list(&self.0, request).await
    }

    async fn add_lines(&self, request: Request<AddLinesRequest>) -> Result<Response<Cart>, Status> {
        add_lines::add_lines(&self.0, request).await
    }

    async fn set_lines(&self, request: Request<SetLinesRequest>) -> Result<Response<Cart>, Status> {
        set_lines::set_lines(&self.0, request).await
    }

    async fn delete_cart(&self, request: Request<DeleteCartRequest>) -> Result<Response<()>, Status> {
        carts::delete(&self.0, request).await
    }
}

#[tonic::async_trait]
impl CheckoutService for Rpcs {
    type WatchCheckoutStream = watch_checkout::Checkouts;

    async fn start_checkout(
        &self,
        request: Request<StartCheckoutRequest>,
    ) -> Result<Response<Checkout>, Status> {
        start_checkout::start_checkout(&self.0, request).await
    }

    async fn get_checkout(&self, request: Request<GetCheckoutRequest>) -> Result<Response<Checkout>, Status> {
        get_checkout::get_checkout(&self.0, request).await
    }

    async fn watch_checkout(
        &self,
        request: Request<WatchCheckoutRequest>,
    ) -> Result<Response<Self::WatchCheckoutStream>, Status> {
        watch_checkout::watch_checkout(self.0.clone(), request).await
    }
}

#[tonic::async_trait]
impl OrderService for Rpcs {
    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<Order>, Status> {
        get_order::get_order(&self.0, request).await
    }

    async fn list_orders(
        &self,
        request: Request<ListOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        list_orders::list_orders(&self.0, request).await
    }

    async fn cancel_order(&self, request: Request<CancelOrderRequest>) -> Result<Response<Order>, Status> {
        cancel_order::cancel_order(&self.0, request).await
    }

    async fn list_order_events(
        &self,
        request: Request<ListOrderEventsRequest>,
    ) -> Result<Response<ListOrderEventsResponse>, Status> {
        list_order_events::list_order_events(&self.0, request).await
    }
}

#[tonic::async_trait]
impl FulfillmentService for Rpcs {
    async fn create_shipment(
        &self,
        request: Request<CreateShipmentRequest>,
    ) -> Result<Response<Order>, Status> {
        create_shipment::create_shipment(&self.0, request).await
    }

    async fn mark_delivered(
        &self,
        request: Request<MarkDeliveredRequest>,
    ) -> Result<Response<Order>, Status> {
        mark_delivered::mark_delivered(&self.0, request).await
    }
}
