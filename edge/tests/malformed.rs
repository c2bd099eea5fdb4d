//! What is no HTTP/1.1 is answered as other mistakes are: with a status that has a body.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Config, TestEdge, Upstream, within};

/// All that the edge says until it closes.
async fn talk(edge: &TestEdge, pieces: &[&str]) -> String {
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for piece in pieces {
        // It may have had enough.
        let _ = stream.write_all(piece.as_bytes()).await;
        tokio::task::yield_now().await;
    }
    let mut answer = Vec::new();
    // Closed with unread bytes, it is reset behind the answer.
    let _ = within(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer that says in a body what is wrong.
fn refused(answer: &str) -> (&str, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    assert!(head.contains("content-type: application/json"), "{answer}");
    assert!(head.contains(&format!("content-length: {}", body.len())), "{answer}");
    let status: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&status["code"], &status["details"]), (&3.into(), &Value::Array(Vec::new())), "{answer}");
    (head.get(9..12).unwrap(), status["message"].as_str().unwrap().to_owned())
}

const NEXT: &str = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn a_malformed_head_is_told_so() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: 1\r\n".repeat(150));
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "a".repeat(61 * 1024));
    for (head, wanted) in [
        ("nonsense\r\n\r\n", "400"),
        ("GET / HTTP/9.9\r\nHost: a\r\n\r\n", "400"),
        ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        ("GET / HTTP/1.1\nHost: a\n\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n", "400"),
        ("GET /a#fragment HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        ("GET /#/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
        (&many, "431"),
        (&long, "431"),
    ] {
        assert_eq!(refused(&talk(&edge, &[head]).await).0, wanted, "{head:.60}");
        let answers = talk(&edge, &[NEXT, head]).await;
        let (first, last) = answers.split_at(answers.rfind("HTTP/1.1 ").unwrap());
        assert!(first.starts_with("HTTP/1.1 200") && first.matches("HTTP/1.1 ").count() == 1, "{answers}");
        assert_eq!(refused(last).0, wanted, "{head:.60} behind another");
    }
    let seen = upstream.seen.lock().unwrap();
    assert!(seen.iter().all(|seen| seen.uri.ends_with("/next")), "{seen:?}");
}

#[tokio::test]
async fn malformed_chunks_are_told_so_by_who_reads_them() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunks in ["ZZ\r\n", "5\nhello\r\n", "5\r\nhello\n0\r\n\r\n"] {
        assert_eq!(refused(&talk(&edge, &[head, chunks]).await).0, "400", "{chunks:?}");
    }
}

#[tokio::test]
async fn an_answer_that_looks_like_a_refusal_passes_as_it_is() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let text = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: now\r\n\r\n";
    let ask = |more: &str| {
        let length = text.len();
        format!("POST /echo HTTP/1.1\r\nHost: a\r\n{more}Content-Length: {length}\r\n\r\n{text}")
    };
    let (again, last) = (ask(""), ask("Connection: close\r\n"));
    let half = &NEXT[..20];
    for pieces in [&[&again[..], &again, &last][..], &[&again, &last], &[&last, half], &[&last]] {
        let answers = talk(&edge, pieces).await;
        let echoed = pieces.iter().filter(|piece| **piece != half).count();
        assert_eq!(answers.matches(&format!("\r\n\r\n{text}")).count(), echoed, "{answers}");
        assert!(!answers.contains("{\"code\""), "{answers}");
    }
}
