//! Streams in the forms that clients accept, and bodies that are no JSON.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use prost::Message as _;
use serde_json::json;

use super::{OK, STRICT, frame, item, message, start, violation};
use crate::support::{get, post, within};

fn http_body(content_type: &str, data: &str) -> Bytes {
    let body = shopmesh_json::google::api::HttpBody {
        content_type: content_type.into(),
        data: Bytes::copy_from_slice(data.as_bytes()),
        ..Default::default()
    };
    frame(&body.encode_to_vec())
}

#[tokio::test]
async fn streams_take_the_form_that_the_client_accepts() {
    let (upstream, edge) =
        start("print_options: { stream_newline_delimited: true, add_whitespace: true }").await;
    let items = [item("a"), [item("b"), item("c")].concat().into()];
    let forms = [
        ("*/*", "application/x-ndjson", "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":\"c\"}\n"),
        (
            "application/x-ndjson",
            "application/x-ndjson",
            "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":\"c\"}\n",
        ),
        (
            "text/html, text/event-stream;q=0.9",
            "text/event-stream",
            "data: {\"name\":\"a\"}\n\ndata: {\"name\":\"b\"}\n\ndata: {\"name\":\"c\"}\n\n",
        ),
        (
            "application/json",
            "application/json",
            "[{\n  \"name\": \"a\"\n},{\n  \"name\": \"b\"\n},{\n  \"name\": \"c\"\n}]",
        ),
    ];
    for (accept, content_type, body) in forms {
        upstream.script(&items, OK);
        let answer = edge.h1(get("/scripted-stream", &[("accept", accept)])).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type));
        assert_eq!(answer.body, body, "{accept}");
    }
    upstream.script(&[], OK);
    assert_eq!(edge.h1(get("/scripted-stream", &[("accept", "application/json")])).await.body, "[]");
}

#[tokio::test]
async fn a_stream_that_fails_says_so_in_its_last_item() {
    let (upstream, edge) = start(STRICT).await;
    let fail = [("grpc-status", "9"), ("grpc-message", "over")];
    let error = json!({"code": 9, "message": "over", "details": []});
    let ask = async |accept: &str, items: &[Bytes], end: &[(&'static str, &str)]| {
        upstream.script(items, end);
        edge.h1(get("/scripted-stream", &[("accept", accept)])).await
    };
    let array = ask("application/json", &[item("a")], &fail).await;
    assert_eq!(array.json(), json!([{"name": "a"}, {"error": error}]));
    let lines = ask("application/x-ndjson", &[item("a")], &fail).await;
    assert_eq!(
        lines.body,
        format!("{{\"name\":\"a\"}}\n{{\"error\":{}}}\n", r#"{"code":9,"message":"over","details":[]}"#)
    );
    let events = ask("text/event-stream", &[], &fail).await;
    assert_eq!(events.body, "event: error\ndata: {\"code\":9,\"message\":\"over\",\"details\":[]}\n\n");
    let silent = ask("application/json", &[item("a")], &[]).await;
    assert_eq!(silent.json()[1]["error"]["code"], 14);
    let cut = ask("application/json", &[item("abc").slice(..6)], OK).await;
    assert_eq!(cut.json()[0]["error"]["code"], 13);
}

#[tokio::test]
async fn items_arrive_as_they_are_sent_and_a_client_may_go() {
    let (upstream, edge) = start(STRICT).await;
    let request = message("POST", "/stream/items/1", r#"[{"number": 1}, {"name": "items/1"}]"#);
    let (answer, connection) = edge.h2_open(request).await;
    let mut body = answer.into_body();
    let mut text = String::new();
    let expected = r#"[{"name":"items/1","number":"1"},{"name":"items/1"}"#;
    while text.len() < expected.len() {
        let frame = within(body.frame()).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    assert_eq!(text, expected);
    drop((body, connection));
    let mut cancelled = upstream.cancelled.subscribe();
    within(cancelled.wait_for(|count| *count == 1)).await.unwrap();

    for (body, field) in
        [(r#"{"number": 1}"#, ""), (r#"[{}, {"number": "x"}]"#, "[1].number"), ("[{}] 1", "")]
    {
        let answer = edge.h1(message("POST", "/stream/items/1", body)).await;
        assert_eq!((answer.status, violation(&answer).as_str()), (400, field), "{body}");
    }
}

#[tokio::test]
async fn bodies_of_other_kinds_pass_as_they_are() {
    let (upstream, edge) = start(STRICT).await;
    let answer = edge.h1(post("/bytes", &[("content-type", "image/x")], "\u{0}\u{1}raw")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/x"));
    assert_eq!(answer.body, "\u{0}\u{1}raw");
    assert!(upstream.last().uri.ends_with("/pkg.Bytes/Echo"));

    upstream.script(&[http_body("text/csv", "a,b\n"), http_body("", "c,d\n")], OK);
    let answer = edge.h1(get("/scripted-bytes", &[])).await;
    assert_eq!((answer.header("content-type"), &*answer.body), ("text/csv", &b"a,b\nc,d\n"[..]));
    // Before the first piece a failure has a status of its own.
    upstream.script(&[], &[("grpc-status", "5"), ("grpc-message", "no such file")]);
    let answer = edge.h1(get("/scripted-bytes", &[])).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (404, Some(5)));
}

/// A message whose second field is a body.
fn file(content_type: &str, data: &str) -> Bytes {
    let body = http_body(content_type, data).slice(5..);
    frame(&[b"\x0a\x01n\x12", [u8::try_from(body.len()).unwrap()].as_slice(), &body].concat())
}

#[tokio::test]
async fn a_body_in_a_field_passes_as_it_is_too() {
    let (upstream, edge) = start(STRICT).await;
    upstream.script(&[file("image/x", "\u{0}\u{1}raw")], OK);
    let answer = edge.h1(get("/scripted-file", &[])).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/x"));
    assert_eq!((&*answer.body, answer.header("content-length")), (&b"\0\x01raw"[..], "5"));
    let mut head = get("/scripted-file", &[]);
    *head.method_mut() = http::Method::HEAD;
    let head = edge.h1(head).await;
    assert_eq!((head.header("content-type"), head.header("content-length")), ("image/x", "5"));
    assert!(head.body.is_empty());
    // Not set: nothing, of no known type. Set twice: the parts are one message.
    upstream.script(&[frame(b"\x0a\x01n")], OK);
    let answer = edge.h1(get("/scripted-file", &[])).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    upstream.script(&[frame(b"\x12\x03\x0a\x01t\x12\x03\x12\x01d")], OK);
    let answer = edge.h1(get("/scripted-file", &[])).await;
    assert_eq!((answer.header("content-type"), &*answer.body), ("t", &b"d"[..]));
    upstream.script(&[frame(b"\x12\x02\x0a\x05")], OK);
    assert_eq!(edge.h1(get("/scripted-file", &[])).await.status, 502);

    upstream.script(&[file("text/csv", "a,b\n"), file("", "c,d\n")], OK);
    let answer = edge.h1(get("/scripted-files", &[])).await;
    assert_eq!((answer.header("content-type"), &*answer.body), ("text/csv", &b"a,b\nc,d\n"[..]));
}
