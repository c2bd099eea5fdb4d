//! Cross-origin requests.

use super::filter;
use crate::support::{Config, TestEdge, Upstream, get};

const POLICY: &str = r#"typed_per_filter_config:
                envoy.filters.http.cors:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy
                  allow_origin_string_match: [{ safe_regex: { regex: 'https://[a-z]+\.shop' } }]
                  allow_methods: GET, POST
                  allow_headers: "*"
                  expose_headers: grpc-status
                  max_age: "600"
                  allow_credentials: true"#;

async fn start() -> (Upstream, TestEdge) {
    let upstream = Upstream::start().await;
    let filters = filter("envoy.filters.http.cors", "cors.v3.Cors", "");
    let routes = "[{ match: { prefix: /up }, route: { cluster: up } }, { match: { prefix: /none }, direct_response: { status: 500 } }]";
    let config = Config { filters, host: POLICY, routes: routes.into(), ..Config::default() };
    let edge = config.start(upstream.address).await;
    (upstream, edge)
}

#[tokio::test]
async fn preflights_are_answered_here() {
    let (upstream, edge) = start().await;
    let mut request = get(
        "/up",
        &[
            ("origin", "https://a.shop"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,x-grpc-web"),
        ],
    );
    *request.method_mut() = http::Method::OPTIONS;
    let answer = edge.h1(request).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), "https://a.shop");
    assert_eq!(answer.header("access-control-allow-methods"), "GET, POST");
    assert_eq!(answer.header("access-control-allow-headers"), "authorization,x-grpc-web");
    assert_eq!(answer.header("access-control-max-age"), "600");
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert_eq!(answer.header("vary"), "origin");
    assert!(upstream.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn answers_and_errors_are_readable_by_allowed_origins_only() {
    let (_upstream, edge) = start().await;
    for path in ["/up", "/none"] {
        let allowed = edge.h1(get(path, &[("origin", "https://a.shop")])).await;
        assert_eq!(allowed.header("access-control-allow-origin"), "https://a.shop", "{path}");
        assert_eq!(allowed.header("access-control-expose-headers"), "grpc-status");
        for origin in ["https://a.shop.evil", "null", "http://a.shop"] {
            let refused = edge.h1(get(path, &[("origin", origin)])).await;
            assert_eq!(refused.header("access-control-allow-origin"), "", "{origin}");
        }
        // A page has one origin.
        let both = [("origin", "https://a.shop"), ("origin", "https://a.shop")];
        assert_eq!(edge.h1(get(path, &both)).await.header("access-control-allow-origin"), "");
    }
}
