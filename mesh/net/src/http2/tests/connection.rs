//! How connections end.

use super::*;

#[tokio::test(start_paused = true)]
async fn what_runs_finishes_when_the_connection_ends() {
    let server = Server::default();
    let client = server.client().await;
    let (answer, mut body) = client.ask(post("/late", &[]), false).await;
    let requests = client.requests.clone();
    settle().await;
    let drained = tokio::spawn(client.trigger.drain(Duration::from_secs(60)));
    settle().await;
    let refused = match requests.ready().await {
        Ok(mut requests) => requests.send_request(get("/"), true).unwrap().0.await.err(),
        Err(error) => Some(error),
    };
    assert!(refused.is_some(), "no more requests");
    body.send_data(Bytes::from_static(b"whole"), true).unwrap();
    let response = answer.await.unwrap();
    assert_eq!(whole(response.into_body()).await.unwrap().0, b"whole");
    client.connection.await.unwrap().unwrap();
    client.served.await.unwrap();
    drained.await.unwrap();
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// When frames of a kind came, until the stream ended.
async fn times_of(stream: &mut (impl AsyncReadExt + Unpin), kind: u8) -> Vec<Duration> {
    let (started, mut found) = (Instant::now(), Vec::new());
    let mut head = [0; 9];
    while stream.read_exact(&mut head).await.is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await.unwrap();
        if head[3] == kind {
            found.push(started.elapsed());
        }
    }
    found
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_gone_is_found_out() {
    const PING: u8 = 6;
    let server = Server::default();
    let (mut stream, _trigger, served) = server.connect();
    let hello = [frame(4, 0, 0, b""), frame(4, 1, 0, b""), frame(1, 5, 1, b"\x82\x86\x41\x01a\x44\x05/hang")];
    stream.write_all(&[PREFACE.as_slice(), &hello.concat()].concat()).await.unwrap();
    settle().await;
    assert_eq!(server.alive.load(SeqCst), 1);
    let started = Instant::now();
    let pings = times_of(&mut stream, PING).await;
    let ended = started.elapsed();
    let near = |time: Duration, wanted| time.abs_diff(wanted) < Duration::from_millis(10);
    assert!(matches!(pings[..], [ping] if near(ping, limits::PING_INTERVAL)), "{pings:?}");
    assert!(near(ended, limits::PING_INTERVAL + limits::PING_TIMEOUT), "{ended:?}");
    served.await.unwrap();
    settle().await;
    assert_eq!(server.alive.load(SeqCst), 0, "and its requests are dropped");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_pings_stays() {
    let server = Server::default();
    let client = server.client().await;
    let (mut answer, _body) = client.ask(post("/hang", &[]), false).await;
    let waited = tokio::time::timeout(10 * limits::PING_INTERVAL, &mut answer).await;
    assert!(waited.is_err(), "neither answered nor ended");
    assert_eq!(server.alive.load(SeqCst), 1);
}

/// PRIORITY, which asks for nothing and is not answered.
fn idle_frames(number: usize) -> Vec<u8> {
    frame(2, 0, 1, &[0, 0, 0, 0, 1]).repeat(number)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_of_a_flood_once_the_client_is_told() {
    const CAPACITY: usize = 1 << 12;
    for hangs in [false, true] {
        let server = Server::default();
        let (stream, _trigger, served) = server.connect_with(CAPACITY);
        let (mut reader, mut writer) = tokio::io::split(stream);
        let asks = if hangs { frame(1, 5, 1, b"\x82\x86\x41\x01a\x44\x05/hang") } else { Vec::new() };
        let hello = [PREFACE.as_slice(), &frame(4, 0, 0, b""), &asks].concat();
        let started = Instant::now();
        let flooding = tokio::spawn(async move {
            writer.write_all(&hello).await.unwrap();
            let (flood, mut taken) = (idle_frames(100_000), 0);
            while let Ok(more @ 1..) = writer.write(&flood[taken..]).await {
                taken += more;
            }
            taken
        });
        let goaways = times_of(&mut reader, 7).await;
        served.await.unwrap();
        assert_eq!(goaways.len(), 1);
        assert!(started.elapsed() < limits::DELAYED_CLOSE_TIMEOUT, "{:?}", started.elapsed());
        // What is let pass, what came with it, and what nobody has read.
        let most = idle_frames(1100).len() + (1 << 16) + CAPACITY;
        let taken = flooding.await.unwrap();
        assert!(taken <= most, "{taken} bytes, not {most}");
        settle().await;
        assert_eq!(server.alive.load(SeqCst), 0, "its requests end with it");
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_that_does_not_read_its_end_is_cut() {
    let server = Server::default();
    // Room for what a server says at first, and not for what it says at last.
    let (mut stream, _trigger, served) = server.connect_with(80);
    stream.write_all(&[PREFACE.as_slice(), &frame(4, 0, 0, b"")].concat()).await.unwrap();
    let started = Instant::now();
    // Until the other end is gone.
    let _ = stream.write_all(&idle_frames(100_000)).await;
    let ended = started.elapsed();
    assert!(ended.abs_diff(limits::DELAYED_CLOSE_TIMEOUT) < Duration::from_millis(100), "{ended:?}");
    served.await.unwrap();
}
