//! Bodies that are begun and never ended hold a bounded part of memory, for a bounded time.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tokio_stream::StreamExt as _;

use super::{SERVICES, config, frame, item, message, start_config};
use crate::{
    admin::counter,
    support::{Answer, Config, TestEdge, Upstream, post},
};

const SIZE: usize = 1 << 20;

async fn start(manager: &'static str) -> (Upstream, TestEdge) {
    let rest = config(&format!("{SERVICES}, convert_grpc_status: true"));
    start_config(Config { manager, ..rest }).await
}

/// A request whose last byte never comes.
fn half_sent() -> http::Request<crate::support::Body> {
    let length = SIZE.to_string();
    let headers = [("content-type", "application/json"), ("content-length", length.as_str())];
    let mut request = post("/echo/items/1", &headers, "");
    let most = Frame::data(Bytes::from(vec![b' '; SIZE - 1]));
    let frames = tokio_stream::once(Ok(most)).chain(tokio_stream::pending());
    *request.body_mut() = StreamBody::new(frames).boxed_unsync();
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_sent_bodies_are_bounded_and_given_up() {
    let (upstream, edge) = start("request_timeout: 6s").await;
    upstream.script(&[item("a")], super::OK);
    let mut attack = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let connection = edge.connect().await;
        for _ in 0..128 {
            let connection = connection.clone();
            attack.spawn(async move { connection.try_ask(half_sent()).await });
        }
    }
    let held = || counter(edge.admin, "overload.held_bytes");
    let (mut answers, mut most) = (Vec::new(), 0);
    while answers.len() < 4 * 128 {
        let answer = tokio::time::timeout(Duration::from_millis(200), attack.join_next()).await;
        answers.extend(answer.ok().flatten().map(Result::unwrap));
        most = most.max(held().await);
        // Somebody else is served all the while.
        if answers.len() % 50 == 0 {
            let other = edge.h2(message("POST", "/echo/items/1", r#"{"number": "1"}"#)).await;
            assert_eq!(other.status, 200, "{other:?}");
        }
    }
    assert!((SIZE as u64..=32 << 20).contains(&most), "{most}");
    let with = |status| answers.iter().flatten().filter(move |answer: &&Answer| answer.status == status);
    let shed = with(503).next().expect("some are refused at once");
    assert_eq!((shed.header("retry-after"), shed.json()["code"].as_i64()), ("1", Some(8)));
    assert_eq!(shed.json()["details"][0]["@type"], "type.googleapis.com/google.rpc.RetryInfo");
    assert!(with(408).count() > 0, "and others given up");
    assert_eq!(with(503).count() + with(408).count(), answers.iter().flatten().count());
    assert_eq!(held().await, 0);
}

#[tokio::test]
async fn what_is_held_is_given_back() {
    let (upstream, edge) = start("").await;
    upstream.script(&[frame(&[0x0a, 1, b'a'])], super::OK);
    for request in [
        message("POST", "/echo/items/1", r#"{"number": "1"}"#),
        message("POST", "/echo/items/1", "{"),
        message("GET", "/scripted", ""),
        post("/pkg.Svc/Echo", &[("content-type", "application/grpc")], "\0\0\0\0\0"),
        post("/plain", &[], vec![b'x'; 100_000]),
    ] {
        edge.h2(request).await;
        assert_eq!(counter(edge.admin, "overload.held_bytes").await, 0);
    }
}
