//! Answers in gzip. What is compressed, and what is said about it, is as Envoy 1.40 does it with the same settings.

use std::io::Read as _;

use super::filter;
use crate::support::{Answer, Config, TestEdge, Upstream, get, post};

async fn start() -> TestEdge {
    let upstream = Upstream::start().await;
    let settings = "compressor_library: { name: gzip, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip } }, response_direction_config: { common_config: { min_content_length: 100, content_type: [text/plain, text/css] }, weaken_etag_on_compress: true }";
    let filters = filter("gzip", "compressor.v3.Compressor", settings);
    let route = |path: &str, headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(key, value)| {
            format!(
                "{{ header: {{ key: {key}, value: '{value}' }}, append_action: OVERWRITE_IF_EXISTS_OR_ADD }}"
            )
        });
        let headers = headers.collect::<Vec<_>>().join(", ");
        format!(
            "{{ match: {{ path: {path} }}, route: {{ cluster: up }}, response_headers_to_add: [{headers}] }}"
        )
    };
    let plain = ("content-type", "text/plain");
    let routes = [
        route("/plain", &[plain]),
        route("/css", &[("content-type", "text/css; charset=utf-8")]),
        route("/event", &[("content-type", "text/event-stream")]),
        route("/etag", &[plain, ("etag", "\"a\"")]),
        route("/weak", &[plain, ("etag", "W/\"a\"")]),
        route("/no-transform", &[plain, ("cache-control", "public, no-transform")]),
        route("/brotli", &[plain, ("content-encoding", "br")]),
        route("/vary", &[plain, ("vary", "origin")]),
        route("/range", &[plain, ("content-range", "bytes 0-1/2")]),
    ];
    Config { filters, routes: format!("[{}]", routes.join(", ")), ..Config::default() }
        .start(upstream.address)
        .await
}

fn text() -> String {
    "a".repeat(2000)
}

/// Encoding, `vary` and `etag`.
fn told(answer: &Answer) -> [String; 3] {
    let vary = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap());
    let vary = vary.collect::<Vec<_>>().join(", ");
    [answer.header("content-encoding").to_owned(), vary, answer.header("etag").to_owned()]
}

#[tokio::test]
async fn text_is_compressed_for_those_who_take_it() {
    let edge = start().await;
    let cases = [
        ("/plain", ["gzip", "Accept-Encoding", ""], ["", "Accept-Encoding", ""]),
        ("/css", ["gzip", "Accept-Encoding", ""], ["", "Accept-Encoding", ""]),
        ("/event", ["", "", ""], ["", "", ""]),
        ("/etag", ["gzip", "Accept-Encoding", "W/\"a\""], ["", "Accept-Encoding", "\"a\""]),
        ("/weak", ["gzip", "Accept-Encoding", "W/\"a\""], ["", "Accept-Encoding", "W/\"a\""]),
        ("/no-transform", ["", "", ""], ["", "", ""]),
        ("/brotli", ["br", "", ""], ["br", "", ""]),
        ("/vary", ["gzip", "origin, Accept-Encoding", ""], ["", "origin, Accept-Encoding", ""]),
        ("/range", ["", "", ""], ["", "", ""]),
    ];
    for (path, compressed, as_it_is) in cases {
        let answer = edge.h1(post(path, &[("accept-encoding", "br, gzip;q=0.5")], text())).await;
        assert_eq!(told(&answer), compressed, "{path}");
        if compressed[0] == "gzip" {
            let mut decoded = String::new();
            flate2::read::GzDecoder::new(&*answer.body).read_to_string(&mut decoded).unwrap();
            assert_eq!(decoded, text(), "{path}");
            assert_eq!(answer.header("content-length"), "", "{path}");
        }
        let answer = edge.h2(post(path, &[("accept-encoding", "gzip;q=0")], text())).await;
        assert_eq!((told(&answer), answer.body.len()), (as_it_is.map(str::to_owned), 2000), "{path}");
    }
    let short = edge.h1(post("/plain", &[("accept-encoding", "gzip")], "short")).await;
    assert_eq!((told(&short), &short.body[..]), (["", "", ""].map(str::to_owned), &b"short"[..]));
}

#[tokio::test]
async fn what_has_no_body_is_not_compressed() {
    let edge = start().await;
    let mut head = post("/plain", &[("accept-encoding", "gzip")], text());
    *head.method_mut() = http::Method::HEAD;
    let answer = edge.h1(head).await;
    assert_eq!((answer.header("content-encoding"), answer.body.len()), ("", 0));
    let error = edge.h1(get("/nowhere", &[("accept-encoding", "gzip")])).await;
    assert_eq!((error.status, error.header("content-encoding")), (404, ""));
}
