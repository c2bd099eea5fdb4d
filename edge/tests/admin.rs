//! The admin listener.

use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::support::{Config, Upstream, get};

async fn fetch(admin: SocketAddr, method: &str, path: &str) -> (u16, String) {
    let stream = TokioIo::new(TcpStream::connect(admin).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::builder().method(method).uri(path).header("host", "admin");
    let response = sender.send_request(request.body(Empty::<bytes::Bytes>::new()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The value of one counter of `/stats`.
pub async fn counter(admin: SocketAddr, name: &str) -> u64 {
    let (_, stats) = fetch(admin, "GET", "/stats").await;
    let value = stats.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.unwrap().parse().unwrap()
}

#[tokio::test]
async fn shows_counters_and_configuration_without_secrets() {
    let upstream = Upstream::start().await;
    let routes = "[{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: s3cret } } }, { match: { prefix: /x }, route: { cluster: up } }]";
    let edge = Config { routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    edge.h1(get("/", &[])).await;
    assert_eq!(counter(edge.admin, "http.main.downstream_rq_2xx").await, 1);
    assert_eq!(fetch(edge.admin, "GET", "/ready").await, (200, "LIVE\n".into()));
    let (_, prometheus) = fetch(edge.admin, "GET", "/stats/prometheus").await;
    assert!(
        prometheus.contains("envoy_http_downstream_rq_2xx{envoy_http_conn_manager_prefix=\"main\"} 1"),
        "{prometheus}"
    );
    let (_, dump) = fetch(edge.admin, "GET", "/config_dump").await;
    assert!(dump.contains("\"stat_prefix\": \"main\"") && !dump.contains("s3cret"), "{dump}");
    let (_, clusters) = fetch(edge.admin, "GET", "/clusters").await;
    assert!(clusters.contains(&format!("up::{}", upstream.address)));
    let (_, listeners) = fetch(edge.admin, "GET", "/listeners").await;
    assert_eq!(listeners, format!("main::{}\n", edge.address));
    assert_eq!(fetch(edge.admin, "POST", "/stats").await.0, 405);
    assert_eq!(fetch(edge.admin, "GET", "/quitquitquit").await.0, 404);
}
