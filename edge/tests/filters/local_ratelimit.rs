//! Limits per address, per route, and in each protocol.

use super::filter;
use crate::support::{Config, Upstream, get, post};

fn limit(burst: u32, percent: u32) -> String {
    format!(
        "stat_prefix: t, filter_enabled: {{ default_value: {{ numerator: 100 }} }}, filter_enforced: {{ default_value: {{ numerator: {percent} }} }}, \
         token_bucket: {{ max_tokens: 1000, fill_interval: 1s }}, always_consume_default_token_bucket: false, \
         rate_limits: [{{ actions: [{{ remote_address: {{}} }}] }}], \
         descriptors: [{{ entries: [{{ key: remote_address }}], token_bucket: {{ max_tokens: {burst}, fill_interval: 60s }} }}], \
         enable_x_ratelimit_headers: DRAFT_VERSION_03, rate_limited_as_resource_exhausted: true"
    )
}

const MESSAGE: &str = "local_ratelimit.v3.LocalRateLimit";

#[tokio::test]
async fn over_the_limit_is_429_with_the_time_to_wait() {
    let upstream = Upstream::start().await;
    let filters = filter("envoy.filters.http.local_ratelimit", MESSAGE, &limit(2, 100));
    // The address is the trusted hop's word, so that one test can be two clients.
    let edge = Config { filters, manager: "xff_num_trusted_hops: 1", ..Config::default() }
        .start(upstream.address)
        .await;
    let client = |address| get("/", &[("x-forwarded-for", address)]);
    let first = edge.h1(client("10.0.0.1")).await;
    assert_eq!(
        (first.status, first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")),
        (200, "2", "1")
    );
    assert_eq!(first.header("x-ratelimit-reset"), "0");
    assert_eq!(edge.h1(client("10.0.0.1")).await.status, 200);
    let refused = edge.h1(client("10.0.0.1")).await;
    assert_eq!((refused.status, refused.json()["code"].as_i64()), (429, Some(8)));
    assert_eq!(refused.json()["details"][0]["@type"], "type.googleapis.com/google.rpc.RetryInfo");
    assert!(refused.json()["details"][0]["retryDelay"].as_str().unwrap().ends_with('s'));
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(edge.h1(client("10.0.0.2")).await.status, 200);
    let grpc = post("/", &[("content-type", "application/grpc"), ("x-forwarded-for", "10.0.0.1")], "");
    let grpc = edge.h2(grpc).await;
    assert_eq!((grpc.status, grpc.header("grpc-status")), (200, "8"));
}

#[tokio::test]
async fn unenforced_limits_only_count() {
    let upstream = Upstream::start().await;
    let filters = filter("envoy.filters.http.local_ratelimit", MESSAGE, &limit(1, 0));
    let edge = Config { filters, ..Config::default() }.start(upstream.address).await;
    for _ in 0..3 {
        assert_eq!(edge.h1(get("/", &[])).await.status, 200);
    }
}

#[tokio::test]
async fn a_second_instance_limits_single_routes() {
    let upstream = Upstream::start().await;
    let first = filter("envoy.filters.http.local_ratelimit", MESSAGE, &limit(100, 100));
    let second = filter("shopmesh.rpc_ratelimit", MESSAGE, "stat_prefix: rpc");
    let own = limit(1, 100);
    let routes = format!(
        "[{{ match: {{ path: /pkg.Svc/SignIn }}, route: {{ cluster: up }}, typed_per_filter_config: {{ shopmesh.rpc_ratelimit: \
         {{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.{MESSAGE}, {own} }} }} }}, {{ match: {{ prefix: / }}, route: {{ cluster: up }} }}]"
    );
    let edge = Config { filters: first + &second, routes, ..Config::default() }.start(upstream.address).await;
    let both = edge.h1(get("/pkg.Svc/SignIn", &[])).await;
    assert_eq!(both.status, 200);
    // Each limit says where it stands, the nearer one first.
    let limits: Vec<_> = both.headers.get_all("x-ratelimit-limit").iter().collect();
    assert_eq!(limits, ["1", "100"]);
    assert_eq!(edge.h1(get("/pkg.Svc/SignIn", &[])).await.status, 429);
    assert_eq!(edge.h1(get("/pkg.Svc/Other", &[])).await.status, 200);
    assert_eq!(edge.h1(get("/pkg.Svc/./SignIn", &[])).await.status, 429, "another spelling is the same path");
}

#[tokio::test]
async fn a_route_can_switch_the_filter_off() {
    let upstream = Upstream::start().await;
    let filters = filter("limit", MESSAGE, &limit(1, 100));
    let routes = "[{ match: { path: /free }, route: { cluster: up }, typed_per_filter_config: { limit: \
         { \"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true } } }, { match: { prefix: / }, route: { cluster: up } }]";
    let edge = Config { filters, routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    for _ in 0..3 {
        let answer = edge.h1(get("/free", &[])).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, ""));
    }
    assert_eq!(edge.h1(get("/", &[])).await.status, 200);
    assert_eq!(edge.h1(get("/", &[])).await.status, 429);
}
