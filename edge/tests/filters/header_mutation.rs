//! Fixed headers.

use std::path::Path;

use shopmesh_edge::Edge;

use super::filter;
use crate::support::{Config, TestEdge, Upstream, get};

#[tokio::test]
async fn every_answer_carries_them() {
    let upstream = Upstream::start().await;
    let mutations = "mutations: { request_mutations: [{ remove: x-secret }, { remove_on_match: { key_matcher: { prefix: x-own- } } }], response_mutations: [{ append: { header: { key: x-frame-options, value: DENY }, append_action: OVERWRITE_IF_EXISTS_OR_ADD } }] }";
    let filters = filter("headers", "header_mutation.v3.HeaderMutation", mutations);
    let routes = "[{ match: { prefix: /up }, route: { cluster: up } }]";
    let edge = Config { filters, routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    for path in ["/up", "/no-route"] {
        let answer = edge.h1(get(path, &[("x-secret", "1"), ("X-Own-User", "root"), ("x-owned", "1")])).await;
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
    let headers = upstream.last().headers;
    assert!(!headers.contains_key("x-secret") && !headers.contains_key("x-own-user"), "{headers:?}");
    assert!(headers.contains_key("x-owned"), "{headers:?}");
}

/// As Envoy: the filter's own, then route, virtual host and route configuration, so that the most general has the last word.
#[tokio::test]
async fn all_levels_of_the_routes_apply() {
    let set = |key: &str, value: &str| {
        format!(
            "{{ append: {{ header: {{ key: {key}, value: {value} }}, append_action: OVERWRITE_IF_EXISTS_OR_ADD }} }}"
        )
    };
    let level = |mutations: [String; 2]| {
        let mutations = mutations.join(", ");
        let any = "\"@type\": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute";
        format!(
            "typed_per_filter_config: {{ headers: {{ {any}, mutations: {{ response_mutations: [{mutations}] }} }} }}"
        )
    };
    let upstream = Upstream::start().await;
    let filters = filter("headers", "header_mutation.v3.HeaderMutation", "");
    let of_route = level([set("x-one", "route"), set("x-route", "set")]);
    let routes = format!("[{{ match: {{ prefix: / }}, route: {{ cluster: up }}, {of_route} }}]");
    let yaml = Config { filters, routes, ..Config::default() }.yaml(upstream.address);
    let of_host = level([set("x-one", "host"), set("x-host", "set")]);
    let yaml = yaml.replace("domains: [\"*\"]", &format!("domains: [\"*\"]\n              {of_host}"));
    let of_all = level([set("x-one", "all"), set("x-all", "set")]);
    let yaml = yaml.replace("route_config:", &format!("route_config:\n            {of_all}"));
    let edge = TestEdge::start(Edge::from_yaml(&yaml, Path::new(".")).unwrap()).await;
    let answer = edge.h1(get("/up", &[])).await;
    let told = ["x-one", "x-route", "x-host", "x-all"].map(|name| answer.header(name).to_owned());
    assert_eq!(told, ["all", "set", "set", "set"]);
}
