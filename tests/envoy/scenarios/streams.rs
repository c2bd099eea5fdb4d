//! Streams of answers: whole ones, first items of endless ones, and ones that fail.

use prost::Message;
use shopmesh_proto::{inventory::v1::WatchStockRequest, orders::v1::WatchCheckoutRequest};

use super::{Facts, Scenario};
use crate::support::grpc::{Protocol, call};

const WATCH_CHECKOUT: &str = "/shopmesh.orders.v1.CheckoutService/WatchCheckout";

pub fn scenarios(facts: &Facts) -> Vec<Scenario> {
    let Facts { shopper, operator, checkout, variant, .. } = facts;
    let unknown = format!("checkouts/chk_{}", "0".repeat(26));
    let mut scenarios = vec![
        Scenario::get(&format!("/v1/{unknown}:watch")).token(shopper),
        Scenario::get(&format!("/v1/{unknown}:watch")),
        Scenario::get("/v1/checkouts/nonsense:watch").token(shopper),
        Scenario::get(&format!("/v1/{checkout}:watch")).token("x"),
        Scenario::get(&format!("/v1/{checkout}:watch")).token(shopper).http2(),
        Scenario::get(&format!("/v1/{checkout}:watch")).token(operator).http2(),
        Scenario::get("/v1/stock:watch"),
    ];
    for accept in ["application/json", "text/event-stream", "application/x-ndjson", "text/html", "*/*"] {
        let watch = |checkout: &str| Scenario::get(&format!("/v1/{checkout}:watch")).token(shopper);
        scenarios.push(watch(checkout).header("accept", accept));
        scenarios.push(watch(&unknown).header("accept", accept));
    }
    for protocol in Protocol::ALL {
        let watch = |name: &String, token: Option<&str>| {
            let message = WatchCheckoutRequest { name: name.clone() }.encode_to_vec();
            let what = format!("{protocol:?} watches {name}");
            Scenario::of(&what, call(protocol, WATCH_CHECKOUT, token, &message))
        };
        scenarios.push(watch(checkout, Some(shopper)));
        scenarios.push(watch(checkout, None));
        scenarios.push(watch(&unknown, Some(shopper)));
        let stock = WatchStockRequest { variants: vec![variant.clone()] }.encode_to_vec();
        let stock = call(protocol, "/shopmesh.inventory.v1.InventoryService/WatchStock", None, &stock);
        let stock = Scenario::of(&format!("{protocol:?} watches stock"), stock);
        scenarios.push(stock.until(protocol.has_frame()));
    }
    scenarios
}
