//! Examples of orders.

use serde_json::{Value, json};

use crate::{
    contract::world::{World, checkout},
    support::client::request_id,
};

pub async fn body(method: &str, world: &World) -> Option<Value> {
    Some(match method {
        "orders.v1.CartService/CreateCart" => {
            json!({"lines": [{"variant": world.variant().await, "quantity": "1"}], "requestId": request_id()})
        }
        "orders.v1.CartService/GetCart" | "orders.v1.CartService/DeleteCart" => {
            json!({"name": world.cart().await["name"]})
        }
        "orders.v1.CartService/ListCarts" | "orders.v1.OrderService/ListOrders" => json!({}),
        "orders.v1.CartService/AddLines" => {
            let cart = world.cart().await;
            let line = json!({"variant": cart["lines"][0]["variant"], "quantity": "1"});
            json!({"cart": cart["name"], "lines": [line], "requestId": request_id()})
        }
        "orders.v1.CartService/SetLines" => {
            let cart = world.cart().await;
            json!({"cart": cart["name"], "lines": [{"variant": cart["lines"][0]["variant"], "quantity": "2"}]})
        }
        "orders.v1.CheckoutService/StartCheckout" => checkout(&world.cart().await["name"]),
        "orders.v1.CheckoutService/GetCheckout" | "orders.v1.CheckoutService/WatchCheckout" => {
            json!({"name": world.checkout().await["name"]})
        }
        "orders.v1.OrderService/GetOrder" => json!({"name": world.order().await["name"]}),
        "orders.v1.OrderService/CancelOrder" => {
            json!({"name": world.order().await["name"], "requestId": request_id()})
        }
        "orders.v1.OrderService/ListOrderEvents" => json!({"order": world.order().await["name"]}),
        "orders.v1.FulfillmentService/CreateShipment" => {
            json!({"order": world.order().await["name"], "requestId": request_id()})
        }
        "orders.v1.FulfillmentService/MarkDelivered" => {
            let order = world.order().await["name"].clone();
            let shipment = json!({"order": order, "requestId": request_id()});
            world.operator.ok("orders.v1.FulfillmentService/CreateShipment", shipment).await;
            json!({"order": order})
        }
        _ => return None,
    })
}
