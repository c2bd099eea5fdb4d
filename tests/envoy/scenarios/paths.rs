//! Which RPC a method and a path mean, whatever tricks the path plays.

use super::{Facts, Scenario};

const PATHS: &[&str] = &[
    // Plain ones, and one that is nobody's.
    "/",
    "/health",
    "/health?x",
    "/.well-known/jwks.json",
    "/v1/products?pageSize=1",
    "/v1/nowhere",
    "/v1",
    "/V1/products",
    // Slashes and dots.
    "//v1/products?pageSize=1",
    "/v1//products?pageSize=1",
    "/v1/products/?pageSize=1",
    "/v1/products//?pageSize=1",
    "/v1/./products?pageSize=1",
    "/v1/x/../products?pageSize=1",
    "/../v1/products?pageSize=1",
    "/v1/products/..",
    "/v1/%2e%2e/health",
    "/v1/%2E%2E/health",
    "/v1/..;/health",
    "/v1/..%2fhealth",
    "/v1%2fproducts?pageSize=1",
    "/v1/..%5chealth",
    "/v1\\products?pageSize=1",
    "/v1/products/...",
    "/v1/products/.hidden",
    // Escapes: of letters, of the colon before a verb, broken ones, zero.
    "/v1/%70roducts?pageSize=1",
    "/v1/products%3Asearch?query=tea",
    "/v1/products%3asearch?query=tea",
    "/v1/products/%00",
    "/v1/products/%0a",
    "/v1/products/%",
    "/v1/products/%zz",
    "/v1/products/%e2%98%83",
    "/v1/products/%ff",
    "/v1/products/%252e",
    "/v1/products;v=1",
    // Verbs: unknown, empty, doubled, elsewhere.
    "/v1/products:nonsense",
    "/v1/products:",
    "/v1/products::search?query=tea",
    "/v1/:search",
    "/v1/products:search/?query=tea",
    "/v1/products/x:publish",
    "/v1/products/x:y",
    "/v1/products:search:search?query=tea",
    // Of web applications, with queries of their own.
    "/shop",
    "/shop/",
    "/shop//",
    "/shop?utm_source=x",
    "/shop/products/tea?path=x&app=y&q=green+tea",
    "/shop/search/%e2%98%83",
    "/shop/a%2fb",
    "/shop/a:b",
    "/shop/x:search",
    "/shop/index.js",
    "/shopping",
    "/admin",
    "/admin/orders/1",
    "/seller",
    "/sellers/house",
    "/assets",
    // gRPC paths without gRPC.
    "/shopmesh.catalog.v1.ProductService/ListProducts",
    "/grpc.health.v1.Health/Check",
    "/shopmesh.catalog.v1.Nothing/At",
];

pub fn scenarios(facts: &Facts) -> Vec<Scenario> {
    let id = facts.product.strip_prefix("products/").unwrap();
    let mut paths: Vec<String> = PATHS.iter().map(|path| (*path).to_owned()).collect();
    paths.extend([
        format!("/v1/products/{id}"),
        format!("/v1/products/{id}/"),
        format!("/v1/products%2F{id}"),
        format!("/v1/products/%{:02x}{}", id.as_bytes()[0], &id[1..]),
        format!("/v1/products/{id}?fields=x"),
        format!("/v1/products/{id}%20"),
        format!("/v1/products/{id}/x"),
        format!("/v1/products/x%2F{id}"),
        format!("/v1/products/%2e%2e/{}", facts.product),
        format!("/v1/products/{}", "x".repeat(2000)),
        format!("/v1/{}", "x/".repeat(300)),
        format!("/{}", "x".repeat(9000)),
        format!("/health?{}", "x".repeat(9000)),
    ]);
    let mut scenarios: Vec<Scenario> = paths.iter().map(|path| Scenario::get(path)).collect();
    let methods = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW", "get"];
    scenarios.extend(methods.map(|method| Scenario::new(method, "/v1/products")));
    scenarios.extend(methods.map(|method| Scenario::new(method, "/v1/nowhere")));
    scenarios.extend(["HEAD", "OPTIONS"].map(|method| Scenario::new(method, "/health").http2()));
    scenarios.push(Scenario::get("/v1/products?pageSize=1").http2());
    scenarios.push(Scenario::get("/v1/nowhere").http2());
    scenarios
}
