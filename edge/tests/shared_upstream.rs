//! The edge and a service that refuses what services refuse: no client's request ends the connection that all of them share.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use shopmesh_net::{
    Drain, DrainTrigger, RequestBody,
    limits::{FIELD_OVERHEAD, MAX_HEADER_BYTES},
    listener::{ListenerLimits, serve},
};
use tokio::{net::TcpListener, sync::Semaphore};

use crate::support::{Config, TestEdge, Upstream, get, post, within};

/// A service behind the mesh's own listener; `/wait` answers once `gate` is closed.
struct Service {
    address: SocketAddr,
    gate: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// Requests with more headers than a service takes.
    overfull: Arc<AtomicUsize>,
    _trigger: DrainTrigger,
}

async fn service() -> Service {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (trigger, drain) = Drain::new();
    let (gate, waiting, overfull) =
        (Arc::new(Semaphore::new(0)), Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let seen = (gate.clone(), waiting.clone(), overfull.clone());
    let overhead = usize::try_from(FIELD_OVERHEAD).unwrap();
    let handle = move |_, request: http::Request<RequestBody>| {
        let (gate, waiting, overfull) = seen.clone();
        async move {
            let fields = request.headers().iter();
            let size: usize = fields.map(|(name, value)| name.as_str().len() + value.len() + overhead).sum();
            let target = request.uri().to_string().len() + 4 * overhead;
            if size + target > usize::try_from(MAX_HEADER_BYTES).unwrap() {
                overfull.fetch_add(1, Ordering::SeqCst);
            }
            if request.uri().path() == "/wait" {
                waiting.fetch_add(1, Ordering::SeqCst);
                // Closing is the release.
                let _ = gate.acquire().await;
            }
            let body = request.into_body().collect().await;
            let status = if body.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            let mut answer = Response::new(Full::new(Bytes::new()));
            *answer.status_mut() = status;
            answer
        }
    };
    tokio::spawn(serve(socket, None, ListenerLimits::default(), drain, handle));
    Service { address, gate, waiting, overfull, _trigger: trigger }
}

/// KiB of headers and number of headers in the configuration that is derived from the contracts.
fn derived_limits() -> (usize, usize) {
    let after = |name: &str| {
        let (_, rest) = include_str!("../shopmesh.yaml").split_once(name).unwrap();
        let digits = rest.trim_start_matches([':', ' ']).split(|c: char| !c.is_ascii_digit()).next();
        digits.unwrap().parse().unwrap()
    };
    (after("max_request_headers_kb"), after("max_headers_count"))
}

/// An edge with these limits.
async fn edge(service: &Service) -> TestEdge {
    let (kib, fields) = derived_limits();
    let manager = format!(
        "max_request_headers_kb: {kib}\n          common_http_protocol_options: {{ max_headers_count: {fields} }}"
    );
    Config { manager: manager.leak(), ..Config::default() }.start(service.address).await
}

#[tokio::test]
async fn headers_that_fit_the_edge_fit_the_service_and_others_end_at_the_edge() {
    let service = service().await;
    let edge = edge(&service).await;
    let neighbor = edge.h2(get("/wait", &[]));
    let attack = async {
        while service.waiting.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let limit = derived_limits().0 * 1024;
        for (fields, size, fits) in [
            (1, 20_000, true),
            (1, limit - 600, true),
            (90, 500, true),
            (1, limit + 8000, false),
            (2, 30_000, false),
            (90, 600, false),
            (120, 10, false),
            (1, 60_000, false),
            (4, 24_000, false),
        ] {
            let request = || {
                let mut request = get("/", &[]);
                for number in 0..fields {
                    let name: HeaderName = format!("x-{number}").parse().unwrap();
                    request.headers_mut().insert(name, "y".repeat(size).parse().unwrap());
                }
                request
            };
            let status = edge.h2(request()).await.status;
            assert_eq!(status, if fits { 200 } else { 431 }, "HTTP/2: {fields} of {size}");
            if fits {
                assert_eq!(edge.h1(request()).await.status, 200, "HTTP/1: {fields} of {size}");
            }
        }
        service.gate.close();
    };
    let (neighbor, ()) = within(Box::pin(async { tokio::join!(neighbor, attack) })).await;
    assert_eq!(neighbor.status, 200);
    assert_eq!(service.overfull.load(Ordering::SeqCst), 0);
    assert_eq!(service.waiting.load(Ordering::SeqCst), 1, "it was not broken and sent again");
}

#[tokio::test]
async fn what_is_no_grpc_reaches_a_grpc_client_as_a_status() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    for (path, code) in [("/html", "14"), ("/text", "2")] {
        let answer = edge.h2(post(path, &[("content-type", "application/grpc+proto")], "")).await;
        assert_eq!((answer.status, answer.header("grpc-status")), (200, code), "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/grpc");
        assert!(answer.body.is_empty() && answer.header("grpc-message").contains("HTTP"), "{answer:?}");
    }
    // Others get what the service said.
    assert_eq!(edge.h2(get("/html", &[])).await.status, 502);
}
