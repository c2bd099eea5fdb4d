//! gRPC-Web over a real connection, cut into single bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;

use super::filter;
use crate::support::{Config, TestEdge, Upstream, post};

const MESSAGE: &[u8] = b"\0\0\0\0\x05hello";
const TRAILERS: &[u8] = b"\x80\0\0\0\x1fgrpc-status:0\r\nx-trailer:kept\r\n";

async fn start() -> (Upstream, TestEdge) {
    let upstream = Upstream::start().await;
    let filters = filter("envoy.filters.http.grpc_web", "grpc_web.v3.GrpcWeb", "");
    let edge = Config { filters, ..Config::default() }.start(upstream.address).await;
    (upstream, edge)
}

#[tokio::test]
async fn binary() {
    let (upstream, edge) = start().await;
    let headers = [("content-type", "application/grpc-web+proto"), ("x-grpc-web", "1")];
    let answer = edge.h1(post("/pkg.Svc/Echo", &headers, MESSAGE)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/grpc-web+proto"));
    assert_eq!(answer.body, [MESSAGE, TRAILERS].concat());
    let seen = upstream.last();
    assert_eq!(
        (&seen.headers["content-type"], &seen.headers["te"]),
        (&"application/grpc".parse().unwrap(), &"trailers".parse().unwrap())
    );
    assert_eq!(seen.body, MESSAGE);
}

#[tokio::test]
async fn text_byte_by_byte() {
    let (upstream, edge) = start().await;
    let headers = [("content-type", "application/grpc-web-text"), ("accept", "application/grpc-web-text")];
    // Two padded segments, as from a client that encodes header and message on their own.
    let text = STANDARD.encode(&MESSAGE[..5]) + &STANDARD.encode(&MESSAGE[5..]);
    let pieces: Vec<_> = text.bytes().map(|byte| Ok(Frame::data(Bytes::copy_from_slice(&[byte])))).collect();
    let mut request = post("/pkg.Svc/Echo", &headers, "");
    *request.body_mut() = StreamBody::new(tokio_stream::iter(pieces)).boxed_unsync();
    let answer = edge.h1(request).await;
    assert_eq!(answer.header("content-type"), "application/grpc-web-text+proto");
    assert_eq!(upstream.last().body, MESSAGE);
    let mut decoded = Vec::new();
    for quantum in answer.body.chunks(4) {
        decoded.extend(STANDARD.decode(quantum).unwrap());
    }
    assert_eq!(decoded, [MESSAGE, TRAILERS].concat());
}

#[tokio::test]
async fn trailers_only_keeps_the_status_in_the_head() {
    let (_upstream, edge) = start().await;
    let answer = edge.h1(post("/pkg.Svc/Fail", &[("content-type", "application/grpc-web")], MESSAGE)).await;
    assert_eq!(
        (answer.status, answer.header("grpc-status"), answer.header("content-length")),
        (200, "5", "0")
    );
}

#[tokio::test]
async fn failures_are_told_as_grpc_status() {
    let (_upstream, edge) = start().await;
    let headers = [("content-type", "application/grpc-web-text")];
    let answer = edge.h1(post("/pkg.Svc/Echo", &headers, "AAA")).await;
    assert_eq!((answer.status, answer.header("grpc-status")), (400, "13"));
    let answer = edge.h1(post("/html", &[("content-type", "application/grpc-web")], MESSAGE)).await;
    assert_eq!(
        (answer.status, answer.header("grpc-status"), answer.header("grpc-message")),
        (502, "14", "<h1>bad</h1>")
    );
    assert_eq!(answer.body.len(), 0);
}
