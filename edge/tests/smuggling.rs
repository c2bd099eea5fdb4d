//! Raw bytes that different parsers read differently.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Config, TestEdge, Upstream, within};

/// Sends bytes and reads until the edge closes; its last request asks for that.
async fn raw(edge: &TestEdge, bytes: &str) -> String {
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = within(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The same, until the edge closes by itself: who stops listening gets no answer.
async fn talk(edge: &TestEdge, bytes: &str) -> String {
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Closed with unread bytes, it is reset behind the answer.
    let _ = within(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn ambiguous_framing_reaches_no_service() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let cases = [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ];
    for case in cases {
        let answer = raw(&edge, case).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4"),
            "{case:?}: {answer}"
        );
    }
    assert!(upstream.seen.lock().unwrap().is_empty(), "{:?}", upstream.seen.lock().unwrap());
}

/// What parsers read differently in a head or in chunks, each of a request that is complete without it.
const ODD: [&str; 24] = [
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: 1\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n",
    "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
];

#[tokio::test]
async fn what_is_odd_ends_with_its_connection() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    for case in ODD {
        let answer = talk(&edge, &format!("{case}{next}")).await;
        let refused = answer.starts_with("HTTP/1.1 400") && answer.matches("HTTP/1.1 ").count() == 1;
        assert!(refused, "{case:?}: {answer}");
        // The first of two is answered, whatever follows.
        let answer = talk(&edge, &format!("{next}{case}{next}")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{case:?}: {answer}");
        assert!(answer.matches("HTTP/1.1 200").count() == 1, "{case:?}: {answer}");
    }
    let paths: Vec<String> = upstream.seen.lock().unwrap().iter().map(|seen| seen.uri.clone()).collect();
    assert!(paths.iter().filter(|path| path.ends_with("/next")).count() == ODD.len(), "{paths:?}");
}

#[tokio::test]
async fn what_is_allowed_is_served() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let cases = [
        "\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\ntransfer-encoding:CHUNKED \r\n\r\n5;x=\"y\"\r\na\nb\rc\r\n0\r\n\r\n",
        // Trailers are for nobody behind the edge, and may say what headers of HTTP/2 may not.
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: te\r\n\r\n1\r\na\r\n0\r\nTE: gzip\r\nConnection: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\n\n\0\n",
        "PRI / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ];
    for case in cases {
        let answer = talk(&edge, case).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{case:?}: {answer}");
    }
}

#[tokio::test]
async fn a_hidden_second_request_is_body_not_request() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
    let chunked = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    raw(&edge, &format!("POST /cl HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{hidden}", hidden.len()))
        .await;
    raw(
        &edge,
        &format!(
            "POST /te HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{chunked}"
        ),
    )
    .await;
    let paths: Vec<String> = upstream.seen.lock().unwrap().iter().map(|seen| seen.uri.clone()).collect();
    assert!(!paths.iter().any(|path| path.contains("hidden")), "{paths:?}");
}

#[tokio::test]
async fn a_malformed_chunk_is_the_clients_fault() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    for (path, kind) in [("/plain", "text/plain"), ("/pkg.Svc/Echo", "application/grpc")] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\ncontent-type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        let answer = raw(&edge, &format!("{head}5\r\nhello\r\nZZ\r\n")).await;
        let wanted = if path == "/plain" { "HTTP/1.1 400" } else { "grpc-status: 3" };
        assert!(answer.contains(wanted), "{path}: {answer}");
    }
}

#[tokio::test]
async fn targets_that_mean_nothing_here_are_refused_as_by_envoy() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    for (target, status) in [
        ("OPTIONS *", "404"),
        ("GET *", "400"),
        ("GET https://a/", "403"),
        ("GET ftp://a/", "400"),
        ("GET http://a/", "200"),
        ("OPTIONS http://a", "200"),
    ] {
        let answer = talk(&edge, &format!("{target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {answer}");
    }
}

#[tokio::test]
async fn a_connection_of_http_1_0_is_kept_if_the_client_asks() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let request = "GET / HTTP/1.0\r\nHost: a\r\n";
    let answers = talk(&edge, &format!("{request}Connection: keep-alive\r\n\r\n{request}\r\n")).await;
    assert_eq!(answers.matches("HTTP/1.0 200").count(), 2, "{answers}");
    assert_eq!(answers.to_lowercase().matches("connection: keep-alive").count(), 1, "{answers}");
}

#[tokio::test]
async fn header_sections_are_bounded() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(70_000));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: 1\r\n".repeat(150));
    for request in [long, many] {
        let answer = raw(&edge, &request).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    assert!(upstream.seen.lock().unwrap().is_empty());
}
