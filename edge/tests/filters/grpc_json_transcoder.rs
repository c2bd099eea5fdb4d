//! REST over gRPC: requests, unary and streaming answers, errors, settings.

mod deadlines;
mod half_sent;
mod kinds;
mod refusals;
mod streaming;

use std::sync::LazyLock;

use bytes::Bytes;
use prost::Message as _;
use serde_json::json;
use shopmesh_edge::Edge;

use super::filter;
use crate::support::{Answer, Config, TestEdge, Upstream, get, post};

const NAME: &str = "envoy.filters.http.grpc_json_transcoder";
const MESSAGE: &str = "grpc_json_transcoder.v3.GrpcJsonTranscoder";
const STRICT: &str = "convert_grpc_status: true, request_validation_options: { reject_unknown_method: true, \
    reject_unknown_query_parameters: true, reject_binding_body_field_collisions: true }";
const SERVICES: &str = "services: [pkg.Svc, pkg.Bytes, pkg.Files, pkg.FileStreaming, pkg.Streaming]";

static DESCRIPTORS: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/filters/grpc_json_transcoder");
    let google = concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/third_party");
    descriptors(&[root, google], "echo.proto")
});

/// A folder with the descriptors of `name.proto` in `name.binpb`.
fn descriptors(folders: &[&str], file: &str) -> tempfile::TempDir {
    let mut compiler = protox::Compiler::new(folders).unwrap();
    compiler.include_imports(true).open_file(file).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(file).with_extension("binpb");
    std::fs::write(path, compiler.encode_file_descriptor_set()).unwrap();
    dir
}

fn config(fields: &str) -> Config {
    let filters = filter(NAME, MESSAGE, &format!("proto_descriptor: echo.binpb, {fields}"));
    Config { filters, ..Config::default() }
}

async fn start_config(config: Config) -> (Upstream, TestEdge) {
    let upstream = Upstream::start().await;
    let edge = Edge::from_yaml(&config.yaml(upstream.address), DESCRIPTORS.path()).unwrap();
    (upstream, TestEdge::start(edge).await)
}

async fn start(fields: &str) -> (Upstream, TestEdge) {
    start_config(config(&format!("{SERVICES}, {fields}"))).await
}

fn refused(config: &Config) -> String {
    let nobody = "127.0.0.1:1".parse().unwrap();
    let error = Edge::from_yaml(&config.yaml(nobody), DESCRIPTORS.path()).map(|_| ()).unwrap_err();
    error.to_string()
}

fn message(method: &'static str, path: &str, body: &str) -> http::Request<crate::support::Body> {
    let mut request = post(path, &[("content-type", "application/json")], body.to_owned());
    *request.method_mut() = method.parse().unwrap();
    request
}

fn frame(message: &[u8]) -> Bytes {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], length.as_slice(), message].concat().into()
}

fn item(name: &str) -> Bytes {
    let name = [&[0x0a, u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
    frame(&name)
}

const OK: &[(&str, &str)] = &[("grpc-status", "0")];

fn violation(answer: &Answer) -> String {
    let details = answer.json()["details"].clone();
    assert_eq!(details[0]["@type"], "type.googleapis.com/google.rpc.BadRequest", "{details}");
    details[0]["fieldViolations"][0]["field"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_rest_request_is_a_grpc_call() {
    let (upstream, edge) = start(STRICT).await;
    let body = r#"{"number": "9007199254740993", "tags": ["a"], "unknown": 1}"#;
    let mut request = message("POST", "/echo/items/1", body);
    request.headers_mut().insert("authorization", "Bearer x".parse().unwrap());
    request.headers_mut().insert("grpc-encoding", "gzip".parse().unwrap());
    let answer = edge.h1(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json(), json!({"name": "items/1", "number": "9007199254740993", "tags": ["a"]}));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert_eq!((answer.header("grpc-status"), answer.header("x-trailer")), ("0", "kept"));

    let seen = upstream.last();
    assert!(seen.uri.ends_with("/pkg.Svc/Echo"), "{}", seen.uri);
    let header = |name: &str| seen.headers.get(name).map_or("", |value| value.to_str().unwrap());
    assert_eq!(header("content-type"), "application/grpc");
    assert_eq!((header("te"), header("authorization")), ("trailers", "Bearer x"));
    assert_eq!((header("grpc-encoding"), header("grpc-accept-encoding")), ("", "identity"));
    assert_eq!(
        (header("x-envoy-original-path"), header("x-envoy-original-method")),
        ("/echo/items/1", "POST")
    );
    assert_eq!(header("content-length"), seen.body.len().to_string());
}

#[tokio::test]
async fn query_path_and_parts_of_messages() {
    let (_upstream, edge) = start(STRICT).await;
    let answer = edge.h2(get("/echo/items/a%20b?number=5&tags=x&tags=y&inner.name=z", &[])).await;
    let expected = json!({"name": "items/a b", "number": "5", "tags": ["x", "y"], "inner": {"name": "z"}});
    assert_eq!(answer.json(), expected);
    // A list is the body, and one is the answer.
    let answer = edge.h1(message("PUT", "/echo/items/1/tags", r#"["a", "b"]"#)).await;
    assert_eq!((answer.status, answer.json()), (200, json!(["a", "b"])));
    let answer = edge.h1(message("PUT", "/echo/items/1/tags", "")).await;
    assert_eq!((answer.status, answer.json()), (200, json!([])));
}

#[tokio::test]
async fn requests_that_do_not_fit_are_told_why() {
    let (upstream, edge) = start(STRICT).await;
    let cases = [
        ("POST", "/echo/items/1", r#"{"number": "x"}"#, "number"),
        ("POST", "/echo/items/1", r#"{"tags": ["a", 1]}"#, "tags[1]"),
        ("POST", "/echo/items/1", r#"{"inner": {"number": 1, "number": 1}}"#, "inner.number"),
        ("POST", "/echo/items/1", r#"{"name": "items/2"}"#, "name"),
        ("POST", "/echo/items/1?number=1", "{}", "number"),
        ("GET", "/echo/items/1?name=items/2", "", "name"),
        ("GET", "/echo/items/1?nonsense=1", "", "nonsense"),
        ("GET", "/echo/items/1", "{}", ""),
        ("POST", "/echo/items/1", "{", ""),
        ("POST", "/echo/items/1", "\u{0}", ""),
    ];
    for (method, path, body, field) in cases {
        let answer = edge.h1(message(method, path, body)).await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (400, Some(3)), "{path} {body}");
        assert_eq!(violation(&answer), field, "{path} {body}");
    }
    let deep = format!("{}1{}", r#"{"inner":"#.repeat(10_000), "}".repeat(10_000));
    assert_eq!(edge.h1(message("POST", "/echo/items/1", &deep)).await.status, 400);
    let text = edge.h1(post("/echo/items/1", &[("content-type", "text/plain")], "{}")).await;
    assert_eq!((text.status, text.json()["code"].as_i64()), (415, Some(3)));
    let zipped = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(edge.h1(post("/echo/items/1", &zipped, "{}")).await.status, 415);
    let unknown = edge.h1(get("/nowhere", &[])).await;
    assert_eq!((unknown.status, unknown.json()["code"].as_i64()), (404, Some(5)));
    let method = edge.h1(message("DELETE", "/echo/items/1", "")).await;
    assert_eq!((method.status, method.header("allow")), (405, "GET, HEAD, POST"));
    assert!(upstream.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_the_switches_the_path_still_wins_and_strangers_pass() {
    let (upstream, edge) = start("ignored_query_parameters: [key]").await;
    let answer = edge.h1(message("POST", "/echo/items/1?number=7&key=1", r#"{"name": "items/2"}"#)).await;
    assert_eq!(answer.json(), json!({"name": "items/1", "number": "7"}));
    // What a query says is bound or refused, and so is a body.
    let refused = [
        ("POST", "/echo/items/1?number=7", r#"{"number": 8}"#),
        ("GET", "/echo/items/1?name=items/3", ""),
        ("GET", "/echo/items/1", r#"{"name": "items/1"}"#),
    ];
    for (method, path, body) in refused {
        assert_eq!(edge.h1(message(method, path, body)).await.status, 400, "{method} {path}");
    }
    let text = edge.h1(post("/echo/items/1", &[("content-type", "text/plain")], "{}")).await;
    assert_eq!(text.status, 415);
    // What no rule has goes on as it is, as does a gRPC call.
    for path in ["/nowhere", "/echo/items/1?nonsense=1"] {
        edge.h1(get(path, &[])).await;
        assert!(upstream.last().uri.ends_with(path));
        assert!(!upstream.last().headers.contains_key("x-envoy-original-path"));
    }
    let grpc = edge.h2(post("/pkg.Svc/Echo", &[("content-type", "application/grpc")], item("x"))).await;
    assert_eq!((grpc.header("content-type"), &grpc.body), ("application/grpc", &item("x")));
    // A failed call has its status in the headers alone.
    let failed = edge.h1(get("/fail", &[])).await;
    assert_eq!((failed.status, failed.header("grpc-status"), &*failed.body), (404, "5", &b""[..]));
}

#[tokio::test]
async fn each_switch_refuses_what_it_is_for() {
    let start_with = |switch: &'static str| start_config(config(&format!("{SERVICES}, {switch}")));
    let (upstream, edge) =
        start_with("request_validation_options: { reject_binding_body_field_collisions: true }").await;
    let answer = edge.h1(message("POST", "/echo/items/1", r#"{"name": "items/2"}"#)).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (400, Some(3)));
    let answer = edge.h1(message("POST", "/echo/items/1?number=7", r#"{"name": "items/1"}"#)).await;
    assert_eq!(answer.json(), json!({"name": "items/1", "number": "7"}));
    edge.h1(get("/echo/items/1?nonsense=1", &[])).await;
    assert!(upstream.last().uri.ends_with("?nonsense=1"));

    let (_upstream, edge) = start_with("request_validation_options: { reject_unknown_method: true }").await;
    let answer = edge.h1(get("/echo/items/1?nonsense=1", &[])).await;
    assert_eq!((answer.status, violation(&answer).as_str()), (400, "nonsense"));
    let told = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(told.contains("no query parameter"), "{told}");
}

#[tokio::test]
async fn head_is_get_without_content() {
    let (upstream, edge) = start(STRICT).await;
    for http2 in [false, true] {
        let ask = async |method: &'static str, path: &str| {
            let mut request = get(path, &[]);
            *request.method_mut() = method.parse().unwrap();
            if http2 { edge.h2(request).await } else { edge.h1(request).await }
        };
        upstream.script(&[item("a")], OK);
        for path in ["/echo/items/1?number=5", "/fail", "/scripted", "/echo/items/1?number=x"] {
            let (whole, head) = (ask("GET", path).await, ask("HEAD", path).await);
            assert_eq!((head.status, head.body.len()), (whole.status, 0), "{path}");
            for name in ["content-type", "content-length", "grpc-status"] {
                assert_eq!(head.header(name), whole.header(name), "{path} {name}");
            }
            assert_eq!(head.header("content-length"), whole.body.len().to_string(), "{path}");
        }
        let stream = ask("HEAD", "/scripted-stream").await;
        assert_eq!(
            (stream.status, stream.header("content-type"), stream.body.len()),
            (200, "application/json", 0)
        );
        // Only what GET serves.
        let put = ask("HEAD", "/echo/items/1/tags").await;
        assert_eq!((put.status, put.header("allow")), (405, "PUT"));
    }
    let head = |path: &str| {
        let mut request = get(path, &[]);
        *request.method_mut() = http::Method::HEAD;
        request
    };
    edge.h1(head("/echo/items/1?number=5")).await;
    assert!(upstream.last().uri.ends_with("/pkg.Svc/Echo"));
    assert_eq!(upstream.last().headers["x-envoy-original-method"], "HEAD");
}

#[tokio::test]
async fn a_failed_call_is_a_status() {
    use shopmesh_json::google::rpc::{ErrorInfo, Status};
    let (upstream, edge) = start(STRICT).await;
    let answer = edge.h1(get("/fail", &[])).await;
    assert_eq!((answer.status, answer.json()), (404, json!({"code": 5, "message": "", "details": []})));

    let info = ErrorInfo { reason: "SOLD_OUT".into(), domain: "shop".into(), ..ErrorInfo::default() };
    let details = vec![
        prost_types::Any::from_msg(&info).unwrap(),
        prost_types::Any { type_url: "type.googleapis.com/pkg.Message".into(), value: b"\x0a\x01n".to_vec() },
        prost_types::Any { type_url: "type.googleapis.com/other.Type".into(), value: vec![1] },
    ];
    let status = Status { code: 8, message: "täglich".into(), details };
    let encoded =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, status.encode_to_vec());
    let end = [("grpc-status", "8"), ("grpc-message", "t%C3%A4glich"), ("grpc-status-details-bin", &encoded)];
    upstream.script(&[], &end);
    let answer = edge.h1(get("/scripted", &[])).await;
    let expected = json!({"code": 8, "message": "täglich", "details": [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SOLD_OUT", "domain": "shop"},
        {"@type": "type.googleapis.com/pkg.Message", "name": "n"},
        {"@type": "type.googleapis.com/other.Type", "value": "AQ=="},
    ]});
    assert_eq!((answer.status, answer.json()), (429, expected));
    assert_eq!((answer.header("retry-after"), answer.header("grpc-message")), ("1", ""));
    assert_eq!(answer.header("grpc-status-details-bin"), "");

    let codes = [
        (1, 499),
        (2, 500),
        (3, 400),
        (4, 504),
        (5, 404),
        (6, 409),
        (7, 403),
        (8, 429),
        (9, 400),
        (10, 409),
        (11, 400),
        (12, 501),
        (13, 500),
        (14, 503),
        (15, 500),
        (16, 401),
        (99, 500),
    ];
    for (code, status) in codes {
        upstream.script(&[], &[("grpc-status", &code.to_string())]);
        let answer = edge.h1(get("/scripted", &[])).await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (status, Some(code)));
    }
}

#[tokio::test]
async fn answers_that_are_no_grpc_messages_are_bad_gateways() {
    let (upstream, edge) = start(STRICT).await;
    let half = item("abc").slice(..6);
    let compressed = Bytes::from_static(b"\x01\0\0\0\x01x");
    let two = [item("a"), item("b")].concat().into();
    upstream.script(&[item("a")], &[]);
    assert_eq!(edge.h1(get("/scripted", &[])).await.status, 503);
    let cases =
        [Bytes::new(), half, compressed, two, frame(b"\x0a\x02\xff\xfe"), frame(&b"\x43".repeat(1000))];
    for data in cases {
        upstream.script(std::slice::from_ref(&data), OK);
        let answer = edge.h1(get("/scripted", &[])).await;
        assert_eq!(answer.status, 502, "{data:?}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.json()["code"].as_i64() > Some(0), "{answer:?}");
        assert_eq!(answer.header("grpc-status"), "");
    }
}

#[tokio::test]
async fn sizes_are_limited_in_both_directions() {
    let (upstream, edge) = start("max_request_body_size: 50, max_response_body_size: 40").await;
    let body = |size: usize| format!(r#"{{"tags": ["{}"]}}"#, "x".repeat(size));
    assert_eq!(edge.h1(message("POST", "/echo/items/1", &body(10))).await.status, 200);
    let answer = edge.h1(message("POST", "/echo/items/1", &body(100))).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (413, Some(8)));
    upstream.script(&[item(&"x".repeat(100))], OK);
    let answer = edge.h1(get("/scripted", &[])).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (500, Some(8)));
    // Of a stream, each message; the next frame claims to be 4 GiB long.
    upstream.script(&[item("a"), Bytes::from_static(b"\0\xff\xff\xff\xff")], OK);
    let answer = edge.h1(get("/scripted-stream", &[])).await;
    assert_eq!((answer.status, answer.json()[0]["name"].as_str()), (200, Some("a")));
    assert_eq!(answer.json()[1]["error"]["code"], 13);
}

#[tokio::test]
async fn settings_of_a_route_replace_those_of_the_chain() {
    let routes = format!(
        "[{{ match: {{ prefix: /echo/items/off }}, route: {{ cluster: up }}, typed_per_filter_config: {{ {NAME}: {{ \
         \"@type\": type.googleapis.com/envoy.extensions.filters.http.{MESSAGE} }} }} }}, \
         {{ match: {{ prefix: / }}, route: {{ cluster: up }} }}]"
    );
    let base = config(&format!("{SERVICES}, {STRICT}"));
    let (upstream, edge) = start_config(Config { routes, ..base }).await;
    edge.h1(get("/echo/items/off", &[])).await;
    assert!(upstream.last().uri.ends_with("/echo/items/off"));
    edge.h1(get("/echo/items/on", &[])).await;
    assert!(upstream.last().uri.ends_with("/pkg.Svc/Echo"));
}

#[tokio::test]
async fn the_route_is_of_the_call_unless_told_otherwise() {
    let routes = "[{ match: { prefix: /pkg. }, route: { cluster: up } }, { match: { prefix: / }, direct_response: { status: 418 } }]";
    for (fields, status) in [("", 200), ("match_incoming_request_route: true", 418)] {
        let base = config(&format!("{SERVICES}, {fields}"));
        let (_upstream, edge) = start_config(Config { routes: routes.into(), ..base }).await;
        assert_eq!(edge.h1(get("/echo/items/1", &[])).await.status, status, "{fields}");
    }
}

#[tokio::test]
async fn services_without_rules_can_be_mapped() {
    let config = config("services: [pkg.Plain], auto_mapping: true, query_param_unescape_plus: true");
    let (upstream, edge) = start_config(config).await;
    edge.h1(message("POST", "/pkg.Plain/Echo", r#"{"name": "x"}"#)).await;
    assert_eq!(upstream.last().body, item("x"));
}

#[test]
fn mistakes_in_the_settings_are_placed() {
    let at =
        "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config";
    let cases = [
        ("services: [pkg.Svc, pkg.Nobody]", "services[1]: service \"pkg.Nobody\""),
        (
            "services: [pkg.Svc], capture_unknown_query_parameters: true",
            "capture_unknown_query_parameters: field not",
        ),
        ("services: [pkg.Svc], max_request_body_size: 0", "max_request_body_size:"),
        ("services: [pkg.Svc], url_unescape_spec: SOME", "url_unescape_spec"),
        (
            "services: [pkg.Svc], proto_descriptor_bin: AAAA",
            "proto_descriptor_bin: proto_descriptor is given too",
        ),
        ("services: [pkg.Svc, pkg.Svc]", "services[1]: pkg.Svc.Echo and pkg.Svc.Echo both serve POST"),
    ];
    for (fields, problem) in cases {
        let error = refused(&config(fields));
        assert!(error.contains(at) && error.contains(problem), "{fields}: {error}");
    }
    for (descriptor, problem) in [
        ("proto_descriptor: nowhere.binpb, ", "proto_descriptor: "),
        ("proto_descriptor_bin: \"%\", ", "proto_descriptor_bin: is not base64"),
        ("proto_descriptor_bin: AAAA, ", "proto_descriptor_bin: is no FileDescriptorSet"),
        ("", "proto_descriptor: is required"),
    ] {
        let filters = filter(NAME, MESSAGE, &format!("{descriptor}services: [pkg.Svc]"));
        let error = refused(&Config { filters, ..Config::default() });
        assert!(error.contains(at) && error.contains(problem), "{descriptor}: {error}");
    }
}
