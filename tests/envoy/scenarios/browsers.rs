//! What browsers send unasked: origins and preflights.

use super::{Facts, Scenario};
use crate::support::grpc::{Protocol, call};

pub fn scenarios(facts: &Facts) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for origin in [
        "http://localhost:5173",
        "https://127.0.0.1",
        "http://localhost",
        "https://shop.example",
        "http://localhost.evil.example",
        "null",
        "http://localhost:5173/",
        "HTTP://LOCALHOST:5173",
        "http://evilhttp://localhost",
        "http://localhost:80x",
        "",
    ] {
        let from = |method: &str, target: &str| Scenario::new(method, target).header("origin", origin);
        let preflight =
            |target: &str| from("OPTIONS", target).header("access-control-request-method", "POST");
        scenarios.extend([
            from("GET", "/v1/products?pageSize=1"),
            from("GET", "/v1/orders"),
            from("GET", "/v1/orders").token("x"),
            from("GET", "/v1/nowhere"),
            from("POST", "/v1/sessions").body("nonsense"),
            from("OPTIONS", "/v1/sessions"),
            preflight("/v1/sessions"),
            preflight("/v1/nowhere"),
            preflight("/shopmesh.orders.v1.CartService/ListCarts"),
        ]);
    }
    let allowed = ("origin", "http://localhost:5173");
    let preflight = || {
        let options = Scenario::new("OPTIONS", "/v1/carts").header(allowed.0, allowed.1);
        options.header("access-control-request-method", "PATCH")
    };
    scenarios.extend([
        preflight().header("access-control-request-headers", "authorization,x-nonsense"),
        preflight().header("access-control-request-private-network", "true"),
        preflight().http2(),
        preflight().token("x"),
        Scenario::get("/v1/carts").header(allowed.0, allowed.1).token(&facts.shopper),
        Scenario::get("/v1/carts").header(allowed.0, allowed.1).header(allowed.0, allowed.1),
        Scenario::new("HEAD", "/v1/products").header(allowed.0, allowed.1),
        Scenario::get("/").header("accept", "text/html").header("accept-language", "en"),
        Scenario::get("/favicon.ico"),
        Scenario::get("/robots.txt"),
    ]);
    for protocol in [Protocol::Web, Protocol::WebText] {
        let list = |path: &str, token| {
            Scenario::of(&format!("{protocol:?} {path}"), call(protocol, path, token, &[]))
                .header(allowed.0, allowed.1)
        };
        scenarios.push(list("/shopmesh.orders.v1.CartService/ListCarts", Some(facts.shopper.as_str())));
        scenarios.push(list("/shopmesh.orders.v1.CartService/ListCarts", None));
        scenarios.push(list("/shopmesh.orders.v1.CartService/ListCarts", Some("x")));
        scenarios.push(list("/shopmesh.orders.v1.CartService/Nothing", None));
    }
    scenarios
}
