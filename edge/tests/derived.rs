//! The bootstrap derived from the contracts: it loads, and its filters work together.

use shopmesh_edge::Edge;
use shopmesh_mesh::identity::{CertificateAuthority, SpiffeId, TrustDomain};
use shopmesh_proto::derive::edge_yaml::{EdgeYamlParams, render};
use shopmesh_proto::policy::{MethodPolicy, PolicyTable};

use crate::admin::counter;
use crate::support::{TestEdge, get, post};

const SERVICES: [&str; 7] =
    ["identity", "catalog", "inventory", "orders", "payments", "notifications", "platform"];

/// An edge before services that are all down.
async fn start(rate_limit: bool) -> TestEdge {
    let dir = tempfile::tempdir().unwrap();
    let trust_domain = TrustDomain::default();
    let authority = CertificateAuthority::load_or_create(dir.path(), &trust_domain).unwrap();
    let id: SpiffeId = "spiffe://shopmesh.local/edge/main".parse().unwrap();
    let files = authority.issue_to(&id, dir.path()).unwrap();
    std::fs::write(dir.path().join("descriptors.binpb"), shopmesh_proto::DESCRIPTORS).unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let yaml = render(&EdgeYamlParams {
        listen: "127.0.0.1:0".parse().unwrap(),
        admin: "127.0.0.1:0".parse().unwrap(),
        services: SERVICES.map(|name| (name.to_owned(), vec![nobody])).into(),
        trust_domain: "shopmesh.local".into(),
        certificate: files.cert,
        private_key: files.key,
        roots: files.roots,
        descriptors: "descriptors.binpb".into(),
        rate_limit,
    });
    TestEdge::start(Edge::from_yaml(&yaml, dir.path()).unwrap()).await
}

/// Where REST clients sign in.
fn sign_in_path() -> String {
    let method = PolicyTable::global().method("/shopmesh.identity.v1.AuthService/SignIn").unwrap();
    method.http[0].template.clone()
}

#[tokio::test]
async fn every_error_behind_the_filters_is_json_with_security_and_cors_headers() {
    let edge = start(true).await;
    let path = sign_in_path();
    let origin = ("origin", "http://localhost:3000");
    let down = edge.h1(post(&path, &[origin], "{}")).await;
    assert_eq!((down.status, down.json()["code"].as_i64()), (503, Some(14)), "{down:?}");
    let unknown = edge.h1(get("/v1/no-such-thing", &[origin])).await;
    assert_eq!((unknown.status, unknown.json()["code"].as_i64()), (404, Some(5)), "{unknown:?}");
    let malformed = edge.h1(post(&path, &[origin], "{")).await;
    assert_eq!((malformed.status, malformed.json()["code"].as_i64()), (400, Some(3)), "{malformed:?}");
    let mut patch = get(&path, &[origin]);
    *patch.method_mut() = http::Method::PATCH;
    let wrong_method = edge.h1(patch).await;
    assert_eq!(wrong_method.status, 405, "{wrong_method:?}");
    assert!(wrong_method.header("allow").contains("POST"));
    // Refused before any filter looks at it; there, no origin is known to be allowed.
    let nowhere = edge.h1(get("/%00", &[])).await;
    assert_eq!((nowhere.status, nowhere.header("x-frame-options")), (400, "DENY"), "{nowhere:?}");
    for answer in [down, unknown, malformed, wrong_method] {
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:3000");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn a_bad_token_is_challenged_for_what_was_asked() {
    let edge = start(false).await;
    let orders = get("/v1/orders?pageToken=%22", &[("authorization", "Bearer x"), ("host", "shop.example")]);
    let refused = edge.h1(orders).await;
    assert_eq!(refused.status, 401, "{refused:?}");
    let challenge = "Bearer realm=\"http://shop.example/v1/orders?pageToken=%22\", error=\"invalid_token\"";
    assert_eq!(refused.header("www-authenticate"), challenge);
}

#[tokio::test]
async fn to_head_only_a_head_is_answered() {
    let edge = start(false).await;
    let head = || {
        let mut head = get("/v1/nowhere", &[]);
        *head.method_mut() = http::Method::HEAD;
        head
    };
    for answer in [edge.h1(head()).await, edge.h2(head()).await] {
        assert_eq!((answer.status, answer.body.len()), (404, 0), "{answer:?}");
        assert_ne!(answer.header("content-length"), "0");
    }
}

#[tokio::test]
async fn limits_of_an_rpc_hold_for_each_of_its_protocols() {
    let edge = start(true).await;
    let grpc = "/shopmesh.identity.v1.AuthService/SignIn";
    let mut statuses = Vec::new();
    for i in 0..12 {
        let answer = match i % 2 {
            0 => edge.h1(post(&sign_in_path(), &[], "{}")).await.status,
            _ => {
                edge.h1(post(grpc, &[("content-type", "application/grpc-web+proto")], "\0\0\0\0\0"))
                    .await
                    .status
            }
        };
        statuses.push(answer);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 503).count(), 10, "{statuses:?}");
    assert_eq!(statuses[10..], [429, 429]);
}

#[tokio::test]
async fn internal_services_are_not_reachable() {
    let edge = start(false).await;
    let internal = |method: &&MethodPolicy| !method.is_public() && !method.domain.is_empty();
    for method in PolicyTable::global().methods().filter(internal) {
        edge.h2(post(&method.path, &[("content-type", "application/grpc")], "\0\0\0\0\0")).await;
    }
    for service in SERVICES {
        let requests = counter(edge.admin, &format!("cluster.{service}.upstream_rq_total")).await;
        // Unknown paths are for `platform` to answer, which serves no internal RPC of others.
        assert_eq!(requests > 0, service == "platform", "{service}: {requests}");
    }
}
