//! Cross-origin requests.

use std::path::Path;

use shopmesh_edge::Edge;

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

/// What each kind of answer says, as Envoy 1.40 answers with the same policies.
#[tokio::test]
async fn a_policy_inherits_what_it_does_not_say() {
    const TYPE: &str = "\"@type\": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy";
    let own = |path: &str, policy: &str| {
        format!(
            "{{ match: {{ path: {path} }}, route: {{ cluster: up }}, typed_per_filter_config: {{ cors: {{ {policy} }} }} }}"
        )
    };
    let routes = [
        "{ match: { path: /bare }, route: { cluster: up } }".to_owned(),
        own("/own", &format!("{TYPE}, max_age: \"3\", allow_credentials: false")),
        own(
            "/origins",
            &format!(
                "{TYPE}, allow_origin_string_match: [{{ exact: \"https://b.shop\" }}], forward_not_matching_preflights: false"
            ),
        ),
        own("/off", &format!("{TYPE}, filter_enabled: {{ default_value: {{}} }}")),
        own("/disabled", "\"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true"),
    ];
    let of_host = format!(
        "typed_per_filter_config: {{ cors: {{ {TYPE}, max_age: \"2\", allow_headers: x-host, expose_headers: x-host }} }}"
    );
    let of_all = format!(
        "typed_per_filter_config: {{ cors: {{ {TYPE}, allow_origin_string_match: [{{ exact: \"https://a.shop\" }}], max_age: \"1\", allow_methods: GET, allow_credentials: true }} }}"
    );
    let upstream = Upstream::start().await;
    let filters = filter("cors", "cors.v3.Cors", "");
    let yaml = Config { filters, routes: format!("[{}]", routes.join(", ")), ..Config::default() };
    let yaml = yaml.yaml(upstream.address);
    let yaml = yaml.replace("domains: [\"*\"]", &format!("domains: [\"*\"]\n              {of_host}"));
    let yaml = yaml.replace("route_config:", &format!("route_config:\n            {of_all}"));
    let edge = TestEdge::start(Edge::from_yaml(&yaml, Path::new(".")).unwrap()).await;

    // Origin, credentials, methods, headers, age, exposed.
    let (a, b) = ("https://a.shop", "https://b.shop");
    let nothing = ["", "", "", "", "", ""];
    let cases = [
        ("OPTIONS", "/bare", a, [a, "true", "GET", "x-host", "2", "x-host"]),
        ("GET", "/bare", a, [a, "true", "", "", "", "x-host"]),
        ("OPTIONS", "/bare", b, nothing),
        ("OPTIONS", "/own", a, [a, "", "GET", "x-host", "3", "x-host"]),
        ("GET", "/own", a, [a, "", "", "", "", "x-host"]),
        ("OPTIONS", "/origins", a, ["", "true", "GET", "x-host", "2", ""]),
        ("GET", "/origins", a, nothing),
        ("OPTIONS", "/origins", b, [b, "true", "GET", "x-host", "2", "x-host"]),
        ("GET", "/origins", b, [b, "true", "", "", "", "x-host"]),
        ("OPTIONS", "/off", a, nothing),
        ("GET", "/off", a, nothing),
        ("OPTIONS", "/disabled", a, nothing),
    ];
    for (method, path, origin, expected) in cases {
        let mut request = get(path, &[("origin", origin)]);
        if method == "OPTIONS" {
            request.headers_mut().insert("access-control-request-method", "POST".parse().unwrap());
            *request.method_mut() = http::Method::OPTIONS;
        }
        let answer = edge.h1(request).await;
        let told = [
            "allow-origin",
            "allow-credentials",
            "allow-methods",
            "allow-headers",
            "max-age",
            "expose-headers",
        ]
        .map(|name| answer.header(&format!("access-control-{name}")).to_owned());
        assert_eq!(told, expected, "{method} {path} of {origin}");
    }
}
