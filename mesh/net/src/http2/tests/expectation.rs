//! `Expect: 100-continue`.

use super::*;

const EXPECT: &[(&str, &str)] = &[("expect", "100-Continue")];

#[tokio::test(start_paused = true)]
async fn who_waits_is_asked_for_the_body_when_it_is_read() {
    let client = Server::default().client().await;
    for path in ["/echo", "/late"] {
        let (mut answer, mut body) = client.ask(post(path, EXPECT), false).await;
        let asked = Instant::now();
        assert_eq!(told(&mut answer).await, 100);
        assert_eq!(asked.elapsed() >= Duration::from_secs(1), path == "/late", "not before");
        body.send_data(Bytes::from_static(b"ab"), false).unwrap();
        settle().await;
        body.send_data(Bytes::from_static(b"cd"), true).unwrap();
        let response = answer.await.unwrap();
        assert_eq!(whole(response.into_body()).await.unwrap().0, b"abcd");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_else_is_asked() {
    let client = Server::default().client().await;
    let (mut refused, body) = client.ask(post("/refuse", EXPECT), false).await;
    assert_eq!(told(&mut refused).await, 403, "the head was enough");
    drop(body);
    let (mut empty, _) = client.ask(post("/echo", EXPECT), true).await;
    assert_eq!(told(&mut empty).await, 200, "there is no body");
    for headers in [&[][..], &[("expect", "200-ok")]] {
        let (mut answer, mut body) = client.ask(post("/echo", headers), false).await;
        settle().await;
        body.send_data(Bytes::from_static(b"body"), true).unwrap();
        assert_eq!(told(&mut answer).await, 200, "{headers:?}");
    }
    let (mut answer, mut body) = client.ask(post("/late", EXPECT), false).await;
    body.send_data(Bytes::from_static(b"begun"), false).unwrap();
    sleep(Duration::from_secs(2)).await;
    body.send_data(Bytes::from_static(b"!"), true).unwrap();
    assert_eq!(told(&mut answer).await, 200, "it did not wait");
}
