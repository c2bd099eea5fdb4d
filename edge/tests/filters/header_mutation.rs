//! Fixed headers.

use super::filter;
use crate::support::{Config, Upstream, get};

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
