//! A call whose time is over is DEADLINE_EXCEEDED, whoever notices first, in whatever way.

use std::time::{Duration, Instant};

use super::{SERVICES, config, start_config};
use crate::{
    filters::filter,
    support::{
        Answer, Config, Connection, get,
        late::{KINDS, LATE},
        post, within,
    },
};

const ROUTES: &str = "[{ match: { prefix: / }, route: { cluster: up, timeout: 0.2s, max_stream_duration: { grpc_timeout_header_max: 5s } } }]";

/// All three ways to call.
fn all() -> Config {
    let rest = config(&format!("{SERVICES}, convert_grpc_status: true"));
    let web = filter("envoy.filters.http.grpc_web", "grpc_web.v3.GrpcWeb", "");
    Config { filters: web + &rest.filters, routes: ROUTES.into(), ..rest }
}

async fn call(connection: &Connection, protocol: &str, headers: &[(&'static str, &str)]) -> Answer {
    let content_type = [("content-type", protocol)];
    let headers = [&content_type, headers].concat();
    connection
        .ask(match protocol {
            "application/json" => get("/scripted", &headers[1..]),
            _ => post("/pkg.Svc/Scripted", &headers, "\0\0\0\0\0"),
        })
        .await
}

/// The HTTP status and the gRPC code, wherever the client finds it.
fn outcome(answer: &Answer) -> (u16, String) {
    let frame = String::from_utf8_lossy(&answer.body).into_owned();
    let code = if answer.header("content-type") == "application/json" {
        answer.json()["code"].to_string()
    } else if let Some(status) = answer.trailers.get("grpc-status").or(answer.headers.get("grpc-status")) {
        status.to_str().unwrap().to_owned()
    } else {
        let (_, status) = frame.split_once("grpc-status:").unwrap_or(("", "none"));
        status.lines().next().unwrap_or_default().to_owned()
    };
    (answer.status, code)
}

#[tokio::test]
async fn whoever_notices_first_it_is_deadline_exceeded() {
    let (_upstream, edge) = start_config(all()).await;
    for (protocol, statuses) in [
        ("application/json", &[504][..]),
        ("application/grpc", &[200]),
        // The edge's own answer has the HTTP status too.
        ("application/grpc-web+proto", &[200, 504]),
    ] {
        let (mut calls, mut connections) = (tokio::task::JoinSet::new(), Vec::new());
        for _ in 0..4 {
            connections.push(edge.connect().await);
        }
        for number in 0..200 {
            let (connection, kind) = (connections[number % 4].clone(), KINDS[number % KINDS.len()]);
            calls.spawn(async move { (kind, outcome(&call(&connection, protocol, &[(LATE, kind)]).await)) });
        }
        for (kind, (status, code)) in within(calls.join_all()).await {
            assert!(statuses.contains(&status) && code == "4", "{protocol}, {kind}: {status} {code}");
        }
    }
}

#[tokio::test]
async fn no_time_at_all_is_over_at_once() {
    let (upstream, edge) = start_config(all()).await;
    let connection = edge.connect().await;
    let started = Instant::now();
    for protocol in ["application/json", "application/grpc", "application/grpc-web+proto"] {
        for none in ["0S", "0m", "0n", "0H", "00000000u"] {
            let answer = call(&connection, protocol, &[("grpc-timeout", none)]).await;
            assert_eq!(outcome(&answer).1, "4", "{protocol}, {none}");
        }
    }
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(upstream.seen.lock().unwrap().is_empty(), "nothing was called");
    // What is no time is as if it were absent.
    upstream.script(&[], &[("grpc-status", "5")]);
    for odd in ["S", "1", "1x", "-1S", "123456789S", "1.5S"] {
        let answer = call(&connection, "application/grpc", &[("grpc-timeout", odd)]).await;
        assert_eq!(outcome(&answer).1, "5", "{odd}");
        assert_eq!(upstream.last().headers["grpc-timeout"], "200m");
    }
}
