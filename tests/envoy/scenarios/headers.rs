//! Headers that claim trust, set limits, or are too many.

use super::{Facts, Scenario};

pub fn scenarios(facts: &Facts) -> Vec<Scenario> {
    let orders = |name: &str, value: &str| Scenario::get("/v1/orders").header(name, value);
    let mine = |name: &str, value: &str| orders(name, value).token(&facts.shopper);
    let mut scenarios = vec![
        // Nobody becomes somebody by a header.
        orders("x-shopmesh-user", "users/root"),
        orders("x-shopmesh-roles", "operator"),
        orders("x-forwarded-client-cert", "URI=spiffe://shopmesh.local/operator/cli"),
        orders("x-jwt-payload", "eyJzdWIiOiJ1c2Vycy9yb290In0"),
        mine("x-shopmesh-user", "users/root"),
        // What only Envoys may say to one another.
        mine("x-envoy-upstream-rq-timeout-ms", "1"),
        mine("x-envoy-upstream-rq-per-try-timeout-ms", "1"),
        mine("x-envoy-expected-rq-timeout-ms", "1"),
        mine("x-envoy-retry-on", "5xx"),
        mine("x-envoy-max-retries", "100"),
        mine("x-envoy-upstream-alt-stat-name", "x"),
        mine("x-envoy-original-path", "/v1/users"),
        mine("x-envoy-decorator-operation", "x"),
        mine("x-envoy-force-trace", "true"),
        mine("x-envoy-internal", "true"),
        mine("x-original-url", "/v1/users"),
        mine("x-http-method-override", "DELETE"),
        mine("x-forwarded-for", "10.0.0.1"),
        mine("x-forwarded-proto", "https"),
        mine("x-forwarded-host", "evil.example"),
        mine("x-request-id", "mine"),
        mine("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        mine("traceparent", "nonsense"),
        // Deadlines of REST clients.
        mine("grpc-timeout", "10S"),
        mine("grpc-timeout", "nonsense"),
        mine("grpc-status", "5"),
        mine("grpc-encoding", "gzip"),
        mine("grpc-previous-rpc-attempts", "9"),
        // Of the connection.
        mine("connection", "x-nominated, close"),
        mine("connection", "authorization"),
        mine("upgrade", "websocket").header("connection", "upgrade"),
        mine("upgrade", "h2c")
            .header("connection", "upgrade, http2-settings")
            .header("http2-settings", "AAMAAABk"),
        mine("te", "trailers"),
        mine("te", "gzip"),
        mine("trailer", "x"),
        mine("expect", "nonsense"),
        mine("range", "bytes=0-1"),
        mine("if-none-match", "*"),
        mine("accept-encoding", "gzip, br"),
        mine("x_underscore", "1"),
        mine("x-empty", ""),
        mine("cookie", "a=b"),
        // Hosts.
        Scenario::get("/health").header("host", "other.example"),
        Scenario::get("/health").header("host", "a.example").header("host", "b.example"),
        Scenario::get("/health").header("host", "user@a.example"),
        Scenario::get("/health").header("host", ""),
        Scenario::get("/health").header("host", "a.example/x"),
    ];
    let many = |count: usize| {
        let scenario = (0..count)
            .fold(Scenario::get("/health"), |scenario, at| scenario.header(&format!("x-{at}"), "1"));
        Scenario { name: format!("{count} headers"), ..scenario }
    };
    scenarios.extend([90, 110, 200].map(many));
    scenarios.extend([30_000, 45_000, 59_000, 70_000].map(|size| Scenario {
        name: format!("a header of {size} bytes"),
        ..Scenario::get("/health").header("x-long", &"x".repeat(size))
    }));
    scenarios
}
