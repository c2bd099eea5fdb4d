//! Fixed headers.

use super::filter;
use crate::support::{Config, Upstream, get};

#[tokio::test]
async fn every_answer_carries_them() {
    let upstream = Upstream::start().await;
    let mutations = "mutations: { request_mutations: [{ remove: x-secret }], response_mutations: [{ append: { header: { key: x-frame-options, value: DENY }, append_action: OVERWRITE_IF_EXISTS_OR_ADD } }] }";
    let filters = filter("headers", "header_mutation.v3.HeaderMutation", mutations);
    let routes = "[{ match: { prefix: /up }, route: { cluster: up } }]";
    let edge = Config { filters, routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    for path in ["/up", "/no-route"] {
        let answer = edge.h1(get(path, &[("x-secret", "1")])).await;
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
    assert!(!upstream.last().headers.contains_key("x-secret"));
}
