//! The bootstrap derived from the contracts: it loads, and its filters work together.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Version};
use shopmesh_derive::edge_yaml::{EdgeYamlParams, render};
use shopmesh_edge::Edge;
use shopmesh_mesh::{
    ServiceName,
    net::{Drain, DrainTrigger},
    workload::{CertificateAuthority, SpiffeId, TrustDomain},
};
use shopmesh_proto::policy::{MethodPolicy, PolicyTable};

use crate::support::http::{Answer, request, send};

/// A running edge.
struct TestEdge {
    address: SocketAddr,
    admin: SocketAddr,
    _drain: DrainTrigger,
}

impl TestEdge {
    async fn h1(&self, request: Request<Bytes>) -> Answer {
        send(self.address, request).await
    }

    async fn h2(&self, mut request: Request<Bytes>) -> Answer {
        *request.version_mut() = Version::HTTP_2;
        send(self.address, request).await
    }

    /// The value of one counter of `/stats`.
    async fn counter(&self, name: &str) -> u64 {
        let stats = send(self.admin, request("GET", "/stats")).await;
        let stats = String::from_utf8(stats.body.to_vec()).unwrap();
        let value = stats.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.unwrap().parse().unwrap()
    }
}

fn get(path: &str, headers: &[(&'static str, &'static str)]) -> Request<Bytes> {
    let mut request = request("GET", path);
    for (name, value) in headers {
        request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    request
}

fn post(path: &str, headers: &[(&'static str, &'static str)], body: &'static str) -> Request<Bytes> {
    let mut request = get(path, headers);
    *request.method_mut() = http::Method::POST;
    *request.body_mut() = Bytes::from_static(body.as_bytes());
    request
}

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
        services: ServiceName::ALL.map(|service| (service.to_string(), vec![nobody])).into(),
        trust_domain: "shopmesh.local".into(),
        certificate: files.cert,
        private_key: files.key,
        roots: files.roots,
        descriptors: "descriptors.binpb".into(),
        rate_limit,
    });
    let bound = Edge::from_yaml(&yaml, dir.path()).unwrap().bind().await.unwrap();
    let (drain, observer) = Drain::new();
    let (address, admin) = (bound.listener_addrs()[0], bound.admin_addr().unwrap());
    tokio::spawn(bound.serve(observer));
    TestEdge { address, admin, _drain: drain }
}

/// The `google.rpc.Code` of an error.
fn code(answer: &Answer) -> Option<i64> {
    serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap()["code"].as_i64()
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
    assert_eq!((down.status.as_u16(), code(&down)), (503, Some(14)), "{down:?}");
    let unknown = edge.h1(get("/v1/no-such-thing", &[origin])).await;
    assert_eq!((unknown.status.as_u16(), code(&unknown)), (404, Some(5)), "{unknown:?}");
    let malformed = edge.h1(post(&path, &[origin], "{")).await;
    assert_eq!((malformed.status.as_u16(), code(&malformed)), (400, Some(3)), "{malformed:?}");
    let mut patch = get(&path, &[origin]);
    *patch.method_mut() = http::Method::PATCH;
    let wrong_method = edge.h1(patch).await;
    assert_eq!(wrong_method.status, 405, "{wrong_method:?}");
    assert!(wrong_method.header("allow").contains("POST"));
    // Refused before any filter looks at it; there, no origin is known to be allowed.
    let nowhere = edge.h1(get("/%00", &[])).await;
    assert_eq!((nowhere.status.as_u16(), nowhere.header("x-frame-options")), (400, "DENY"), "{nowhere:?}");
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
        assert_eq!((answer.status.as_u16(), answer.body.len()), (404, 0), "{answer:?}");
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
    for service in ServiceName::ALL {
        let requests = edge.counter(&format!("cluster.{service}.upstream_rq_total")).await;
        // Unknown paths are for `platform` to answer, which serves no internal RPC of others.
        assert_eq!(requests > 0, service == ServiceName::Platform, "{service}: {requests}");
    }
}
