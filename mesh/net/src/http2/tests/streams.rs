//! Heads and bodies, and how they end.

use super::*;

#[tokio::test(start_paused = true)]
async fn what_hangs_is_dropped_with_its_stream_or_connection() {
    let server = Server::default();
    for path in ["/hang", "/hang-on"] {
        for is_reset in [true, false] {
            let client = server.client().await;
            let (answer, mut stream) = client.ask(post(path, &[]), false).await;
            settle().await;
            assert_eq!(server.alive.load(SeqCst), 1, "{path}");
            if is_reset {
                stream.send_reset(Reason::CANCEL);
            } else {
                client.connection.abort();
            }
            settle().await;
            assert_eq!(server.alive.load(SeqCst), 0, "{path} {is_reset}");
            drop(answer);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_broken_answer_is_reset_with_what_broke_it() {
    let client = Server::default().client().await;
    for (path, reason) in [("/break", Reason::INTERNAL_ERROR), ("/break-refused", Reason::REFUSED_STREAM)] {
        let response = client.get(path).await;
        let error = whole(response.into_body()).await.unwrap_err();
        assert_eq!((error.is_reset(), error.reason()), (true, Some(reason)), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_reads_is_waived_behind_the_answer() {
    let client = Server::default().client().await;
    let (answer, mut body) = client.ask(post("/refuse", &[]), false).await;
    let response = answer.await.unwrap();
    assert_eq!(whole(response.into_body()).await.unwrap().0, b"here");
    let reset = poll_fn(|context| body.poll_reset(context)).await.unwrap();
    assert_eq!(reset, Reason::NO_ERROR);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_holds_up_its_own_stream() {
    let server = Server::default();
    let client = server.client().await;
    // The default windows, which the connection shares: 65,535 bytes.
    let mut slow = client.get("/endless").await.into_body();
    settle().await;
    let held = server.pieces.load(SeqCst);
    // What fills the window, the piece that does not fit whole, and one in hand.
    assert!((7..=8).contains(&held), "{held}");
    for taken in 1..=5 {
        let mut left = 10_000;
        while left > 0 {
            let piece = slow.data().await.unwrap().unwrap();
            left -= piece.len().min(left);
            slow.flow_control().release_capacity(piece.len()).unwrap();
        }
        settle().await;
        let now = server.pieces.load(SeqCst);
        assert!(now <= held + 2 * taken + 1, "{now} after {taken}");
    }
    let before = server.pieces.load(SeqCst);
    drop(slow);
    settle().await;
    assert!(server.pieces.load(SeqCst) <= before + 8);
    assert_eq!(client.get("/").await.status(), 200, "the connection goes on");
}

#[tokio::test(start_paused = true)]
async fn heads_are_as_http_2_wants_them() {
    let client = Server::default().client().await;
    let response = client.get("/connection").await;
    let mut names: Vec<_> = response.headers().keys().map(|name| name.as_str().to_owned()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "date"]);
    assert_eq!(response.headers()["content-length"], "4");

    let head = Request::builder().method(Method::HEAD).uri("http://a/").body(()).unwrap();
    let response = client.ask(head, true).await.0.await.unwrap();
    assert_eq!(response.headers()["content-length"], "4");
    assert!(response.body().is_end_stream());

    let response = client.get("/trailers").await;
    assert!(!response.headers().contains_key("content-length"));
    let (body, trailers) = whole(response.into_body()).await.unwrap();
    assert_eq!((&body[..], trailers["grpc-status"].as_bytes()), (&b"a"[..], &b"0"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_body_tells_how_long_it_will_be() {
    let client = Server::default().client().await;
    for (headers, is_end, size) in [
        (&[][..], true, SizeHint::with_exact(0)),
        (&[], false, SizeHint::default()),
        (&[("content-length", "5")], false, SizeHint::with_exact(5)),
        (&[("content-length", "5"), ("x-other", "6")], false, SizeHint::with_exact(5)),
    ] {
        let (answer, _body) = client.ask(post("/size", headers), is_end).await;
        let response = answer.await.unwrap();
        assert_eq!(response.headers()["x-size"], format!("{:?}", size.exact()));
        assert_eq!(response.headers()["x-end"], if is_end { "1" } else { "0" });
    }
    for headers in [&[("content-length", "x")][..], &[("content-length", "5, 5")]] {
        let (answer, _body) = client.ask(post("/size", headers), false).await;
        assert_eq!(answer.await.unwrap_err().reason(), Some(Reason::PROTOCOL_ERROR), "{headers:?}");
    }
    let (answer, mut body) = client.ask(post("/echo", &[("content-length", "3")]), false).await;
    body.send_data(Bytes::from_static(b"more"), true).unwrap();
    assert_eq!(answer.await.unwrap_err().reason(), Some(Reason::PROTOCOL_ERROR));
}
