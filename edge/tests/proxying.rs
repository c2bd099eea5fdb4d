//! Forwarding: bodies, trailers, deadlines, cancellation and failures.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_stream::StreamExt as _;

use crate::support::{Config, Upstream, full, get, post, within};

#[tokio::test]
async fn requests_arrive_trusted_and_answers_complete() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let request =
        post("/a//b/../echo?x=1", &[("x-shopmesh-user", "root"), ("x-forwarded-for", "1.2.3.4")], "body");
    for answer in [edge.h1(request).await, edge.h2(post("/a/echo?x=1", &[], "body")).await] {
        assert_eq!((answer.status, &answer.body[..]), (200, &b"body"[..]));
        assert_eq!(answer.header("server"), "shopmesh-edge");
        let seen = upstream.last();
        assert!(seen.uri.ends_with("/a/echo?x=1"), "{}", seen.uri);
        assert_eq!(seen.body, "body");
        assert!(!seen.headers.contains_key("x-shopmesh-user"));
        assert!(seen.headers["x-forwarded-for"].to_str().unwrap().ends_with("127.0.0.1"));
        assert_eq!(seen.headers["x-request-id"].len(), 36);
    }
}

#[tokio::test]
async fn grpc_trailers_are_kept() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let headers = [("content-type", "application/grpc"), ("te", "trailers")];
    let answer = edge.h2(post("/pkg.Svc/Echo", &headers, "\0\0\0\0\x01m")).await;
    assert_eq!(answer.trailers["grpc-status"], "0");
    assert_eq!(answer.trailers["x-trailer"], "kept");
    assert_eq!(upstream.last().headers["te"], "trailers");
}

#[tokio::test]
async fn streams_flow_both_ways_at_once_and_stop_when_the_client_goes() {
    let upstream = Upstream::start().await;
    let routes = "[{ match: { prefix: / }, route: { cluster: up, timeout: 0s } }]".into();
    let edge = Config { routes, ..Config::default() }.start(upstream.address).await;
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Frame<Bytes>, std::convert::Infallible>>(1);
    let mut request = post("/pkg.Svc/Stream", &[("content-type", "application/grpc")], "");
    *request.body_mut() =
        StreamBody::new(tokio_stream::wrappers::ReceiverStream::new(receiver)).boxed_unsync();
    sender.send(Ok(Frame::data(Bytes::from_static(b"first")))).await.unwrap();
    let (mut answer, connection) = edge.h2_open(request).await;
    let piece = within(answer.body_mut().frame()).await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(piece, "first", "the first piece returns before the second is sent");
    sender.send(Ok(Frame::data(Bytes::from_static(b"second")))).await.unwrap();
    let piece = within(answer.body_mut().frame()).await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(piece, "second");
    drop((answer, sender, connection));
    within(upstream.cancelled.subscribe().wait_for(|n| *n == 1)).await.unwrap();
}

#[tokio::test]
async fn a_client_that_leaves_cancels_the_upstream() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let hanging = tokio::spawn(async move { edge.h2(get("/hang", &[])).await.status });
    within(upstream.hanging.subscribe().wait_for(|n| *n == 1)).await.unwrap();
    let mut cancelled = upstream.cancelled.subscribe();
    hanging.abort();
    within(cancelled.wait_for(|n| *n == 1)).await.unwrap();
}

#[tokio::test]
async fn timeouts_answer_in_the_clients_protocol() {
    let upstream = Upstream::start().await;
    let routes = "[{ match: { prefix: / }, route: { cluster: up, timeout: 0.1s, max_stream_duration: { grpc_timeout_header_max: 5s } } }]";
    let edge = Config { routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    let answer = edge.h1(get("/hang", &[])).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (504, Some(4)));
    let answer = edge.h2(post("/hang", &[("content-type", "application/grpc")], "")).await;
    assert_eq!((answer.status, answer.header("grpc-status")), (200, "4"));
    within(upstream.cancelled.subscribe().wait_for(|n| *n == 2)).await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_arrive_whole_in_time_is_408() {
    let upstream = Upstream::start().await;
    let routes = "[{ match: { prefix: / }, route: { cluster: up, timeout: 1s } }]".into();
    let config = Config { manager: "request_timeout: 0.3s", routes, ..Config::default() };
    let edge = config.start(upstream.address).await;
    let half_sent = |headers: &[(&'static str, &str)]| {
        let mut request = post("/echo", headers, "");
        let first = Frame::data(Bytes::from_static(b"half"));
        let frames = tokio_stream::once(Ok(first)).chain(tokio_stream::pending());
        *request.body_mut() = StreamBody::new(frames).boxed_unsync();
        request
    };
    for headers in [&[][..], &[("content-length", "100")], &[("content-length", "100000")]] {
        assert_eq!(edge.h2(half_sent(headers)).await.status, 408, "{headers:?}");
    }
    let answer = edge.h2(half_sent(&[("content-type", "application/grpc")])).await;
    assert_eq!(answer.header("grpc-status"), "4");
    // What is here takes as long as its route allows.
    for whole in [get("/hang", &[]), post("/hang", &[], "body"), post("/hang", &[], vec![b'x'; 100_000])] {
        assert_eq!(edge.h2(whole).await.status, 504);
    }
}

#[tokio::test]
async fn grpc_timeout_is_capped_and_passed_on() {
    let upstream = Upstream::start().await;
    let routes = "[{ match: { prefix: / }, route: { cluster: up, timeout: 0s, max_stream_duration: { grpc_timeout_header_max: 3s } } }]";
    let edge = Config { routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    for (asked, passed) in [("1S", "1000m"), ("99999999H", "3000m")] {
        let headers = [("content-type", "application/grpc"), ("grpc-timeout", asked)];
        edge.h2(post("/pkg.Svc/Echo", &headers, "")).await;
        assert_eq!(upstream.last().headers["grpc-timeout"], passed);
    }
    let start = Instant::now();
    let headers = [("content-type", "application/grpc"), ("grpc-timeout", "100m")];
    let answer = edge.h2(post("/pkg.Svc/Stream", &headers, "piece")).await;
    assert_eq!(answer.trailers["grpc-status"], "4", "a stream that outlives its deadline ends with a status");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_dead_upstream_is_unavailable() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = socket.local_addr().unwrap();
    drop(socket);
    let edge = Config::default().start(nobody).await;
    let answer = edge.h1(get("/", &[])).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (503, Some(14)));
    assert!(!answer.body.windows(9).any(|w| w == b"127.0.0.1"), "addresses are not told");
}

#[tokio::test]
async fn idle_streams_end() {
    let upstream = Upstream::start().await;
    let routes = "[{ match: { prefix: / }, route: { cluster: up, timeout: 0s } }]".into();
    let edge = Config { manager: "stream_idle_timeout: 0.2s", routes, ..Config::default() }
        .start(upstream.address)
        .await;
    let answer = edge.h1(get("/hang", &[])).await;
    assert_eq!(answer.status, 408);
    let request = post("/pkg.Svc/Stream", &[("content-type", "application/grpc")], "piece");
    let (answer, _connection) = edge.h2_open(request).await;
    assert!(within(answer.into_body().collect()).await.is_err(), "cut off after the last piece");
}

#[tokio::test]
async fn routes_redirect_answer_and_rewrite() {
    let upstream = Upstream::start().await;
    let routes = r#"[
        { match: { prefix: /old/ }, redirect: { prefix_rewrite: /new/, response_code: FOUND, strip_query: true } },
        { match: { path: /hello }, direct_response: { status: 200, body: { inline_string: hi } } },
        { match: { prefix: /api/ }, route: { cluster: up, prefix_rewrite: / }, response_headers_to_add: [{ header: { key: x-route, value: api } }] },
    ]"#;
    let edge = Config { routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    let answer = edge.h1(get("/old/a?x=1", &[])).await;
    assert_eq!((answer.status, answer.header("location")), (302, "http://shop.example/new/a"));
    assert_eq!(edge.h1(get("/hello", &[])).await.body, "hi");
    assert_eq!(edge.h1(get("/api/echo", &[])).await.header("x-route"), "api");
    assert!(upstream.last().uri.ends_with("/echo") && !upstream.last().uri.contains("api"));
    let missing = edge.h1(get("/nothing", &[])).await;
    assert_eq!((missing.status, missing.json()["code"].as_i64()), (404, Some(5)));
    let missing = edge.h2(post("/nothing", &[("content-type", "application/grpc")], "")).await;
    assert_eq!((missing.status, missing.header("grpc-status")), (200, "12"));
}

#[tokio::test]
async fn an_early_answer_reaches_a_client_that_is_still_sending() {
    let upstream = Upstream::start().await;
    let routes = "[{ match: { prefix: / }, direct_response: { status: 403 } }]";
    let edge = Config { routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    // More than the buffers between hold, so that all of it must be read before the client reads.
    let body = vec![b'x'; 16 << 20];
    let mut client = TcpStream::connect(edge.address).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(&body).await.unwrap();
    let mut answer = [0; 12];
    within(client.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 403");
}

#[tokio::test]
async fn a_slow_head_ends_a_connection_and_silence_between_requests_does_not() {
    let upstream = Upstream::start().await;
    let routes =
        r#"[{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "{}" } } }]"#;
    let config =
        Config { manager: "request_headers_timeout: 0.2s", routes: routes.into(), ..Config::default() };
    let edge = config.start(upstream.address).await;
    let open = async || {
        let mut client = TcpStream::connect(edge.address).await.unwrap();
        ask(&mut client).await;
        client
    };
    let (mut idle, mut slow) = (open().await, open().await);
    slow.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    let mut rest = Vec::new();
    // A reset is an end as good as any.
    let _ = within(slow.read_to_end(&mut rest)).await;
    ask(&mut idle).await;
}

/// One request and its answer on a kept connection.
async fn ask(client: &mut TcpStream) {
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        assert_ne!(within(client.read_buf(&mut answer)).await.unwrap(), 0, "{answer:?}");
    }
}

#[tokio::test]
async fn drain_lets_requests_finish_and_refuses_new_ones() {
    let upstream = Upstream::start().await;
    let routes = "[{ match: { prefix: / }, route: { cluster: up, timeout: 0.5s } }]".into();
    let edge = Config { routes, ..Config::default() }.start(upstream.address).await;
    let address = edge.address;
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = get("/hang", &[("host", "shop")]);
    *request.body_mut() = full("");
    let running = tokio::spawn(sender.send_request(request));
    within(upstream.hanging.subscribe().wait_for(|n| *n == 1)).await.unwrap();
    assert!(
        within(edge.drain.drain(Duration::from_secs(5))).await,
        "the running request ends by its own timeout"
    );
    assert_eq!(within(running).await.unwrap().unwrap().status(), 504);
    within(edge.served).await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
