//! The edge's table of kinds of fields (edge/tests/filters/grpc_json_transcoder/kinds.txt) says what real Envoy does with each at each
//! place of a request. The edge's own tests hold it to that table; here Envoy is asked whether it is true.

use std::{convert::Infallible, fs, net::SocketAddr};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::{
    envoy,
    http::{request, try_send},
    shop::free_offset,
};

const TABLE: &str = include_str!("../../edge/tests/filters/grpc_json_transcoder/kinds.txt");

#[tokio::test]
async fn the_table_of_kinds_is_true_of_envoy() {
    let folder = tempfile::tempdir().unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    let folders = ["edge/tests/filters/grpc_json_transcoder", "proto/json/src/tests", "proto/third_party"];
    let mut compiler = protox::Compiler::new(folders.map(|folder| format!("{root}/{folder}"))).unwrap();
    compiler.include_imports(true).open_file("kinds.proto").unwrap();
    fs::write(folder.path().join("kinds.binpb"), compiler.encode_file_descriptor_set()).unwrap();
    let offset = free_offset();
    let (public, admin) = (8080 + offset, 9901 + offset);
    let yaml = folder.path().join("envoy.yaml");
    let descriptors = folder.path().join("kinds.binpb").display().to_string();
    fs::write(&yaml, bootstrap([public, admin, echo().await.port()], &descriptors)).unwrap();
    let _envoy = envoy::start(&yaml, admin);
    let mut wrong = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (asked, outcomes) = line.split_once(" => ").unwrap();
        let told = outcomes.split(" | ").next().unwrap();
        let answer = try_send(([127, 0, 0, 1], public).into(), asked_for(asked), |_| false).await.unwrap();
        let outcome = match answer.status.as_u16() {
            200 => serde_json::from_slice(&answer.body).unwrap_or(Value::Null).to_string(),
            status => status.to_string(),
        };
        // Numbers and order of members as serde_json has them, on both sides.
        let told = serde_json::from_str::<Value>(told).unwrap().to_string();
        if outcome != told {
            wrong.push(format!("{line}\n    Envoy: {outcome}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `METHOD TARGET`, and ` <- BODY` if there is one.
fn asked_for(text: &str) -> Request<Bytes> {
    let (head, body) = text.split_once(" <- ").map_or((text, None), |(head, body)| (head, Some(body)));
    let (method, target) = head.split_once(' ').unwrap();
    let mut asked = request(method, target);
    if let Some(body) = body {
        asked.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        *asked.body_mut() = Bytes::copy_from_slice(body.as_bytes());
    }
    asked
}

/// A service that sends back what it gets, by HTTP/2 without TLS.
async fn echo() -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            let service = service_fn(async |request: Request<Incoming>| {
                let body =
                    request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                let mut trailers = HeaderMap::new();
                trailers.insert("grpc-status", HeaderValue::from_static("0"));
                let frames = [Ok::<_, Infallible>(Frame::data(body)), Ok(Frame::trailers(trailers))];
                let answer = StreamBody::new(tokio_stream::iter(frames));
                Response::builder().header("content-type", "application/grpc").body(answer)
            });
            tokio::spawn(
                http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    address
}

fn bootstrap([public, admin, upstream]: [u16; 3], descriptors: &str) -> String {
    const FILTER: &str = "envoy.extensions.filters";
    let address = |port| format!("{{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}");
    format!(
        r#"admin: {{ address: {admin} }}
static_resources:
  listeners:
  - name: public
    address: {public}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/{FILTER}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: public
          route_config:
            virtual_hosts: [{{ name: all, domains: ["*"], routes: [{{ match: {{ prefix: / }}, route: {{ cluster: echo }} }}] }}]
          http_filters:
          - name: transcoder
            typed_config:
              "@type": type.googleapis.com/{FILTER}.http.grpc_json_transcoder.v3.GrpcJsonTranscoder
              proto_descriptor: "{descriptors}"
              services: [pkg.Svc]
              request_validation_options:
                reject_unknown_method: true
                reject_unknown_query_parameters: true
                reject_binding_body_field_collisions: true
          - name: router
            typed_config: {{ "@type": type.googleapis.com/{FILTER}.http.router.v3.Router }}
  clusters:
  - name: echo
    type: STATIC
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {{ http2_protocol_options: {{}} }}
    load_assignment: {{ cluster_name: echo, endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {upstream} }} }}] }}] }}
"#,
        admin = address(admin),
        public = address(public),
        upstream = address(upstream),
    )
}
