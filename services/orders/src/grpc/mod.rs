//! What can be asked, one file an RPC.

mod authorized;
mod cancel_order;
mod carts;
mod change_lines;
mod create_shipment;
mod get_cart;
mod get_checkout;
mod get_order;
mod list_order_events;
mod list_orders;
mod mark_delivered;
mod start_checkout;
mod wait;
mod watch_checkout;

use shopmesh_kit::rpcs;
use shopmesh_proto::orders::v1::{
    cart_service_server::{CartService, CartServiceServer},
    checkout_service_server::{CheckoutService, CheckoutServiceServer},
    fulfillment_service_server::{FulfillmentService, FulfillmentServiceServer},
    order_service_server::{OrderService, OrderServiceServer},
    *,
};

use crate::app::App;

rpcs! {
    App;
    CartService in CartServiceServer {
        create_cart(CreateCartRequest) -> Cart = carts::create,
        get_cart(GetCartRequest) -> Cart = get_cart::answer,
        list_carts(ListCartsRequest) -> ListCartsResponse = carts::list,
        add_lines(AddLinesRequest) -> Cart = change_lines::add,
        set_lines(SetLinesRequest) -> Cart = change_lines::set,
        delete_cart(DeleteCartRequest) -> () = carts::delete,
    }
    CheckoutService in CheckoutServiceServer where WatchCheckoutStream = watch_checkout::Checkouts {
        start_checkout(StartCheckoutRequest) -> Checkout = start_checkout::answer,
        get_checkout(GetCheckoutRequest) -> Checkout = get_checkout::answer,
        watch_checkout(WatchCheckoutRequest) -> Self::WatchCheckoutStream = watch_checkout::answer,
    }
    OrderService in OrderServiceServer {
        get_order(GetOrderRequest) -> Order = get_order::answer,
        list_orders(ListOrdersRequest) -> ListOrdersResponse = list_orders::answer,
        cancel_order(CancelOrderRequest) -> Order = cancel_order::answer,
        list_order_events(ListOrderEventsRequest) -> ListOrderEventsResponse = list_order_events::answer,
    }
    FulfillmentService in FulfillmentServiceServer {
        create_shipment(CreateShipmentRequest) -> Order = create_shipment::answer,
        mark_delivered(MarkDeliveredRequest) -> Order = mark_delivered::answer,
    }
}
