//! Frames that ask for nothing, and connections that say nothing.

use std::{net::SocketAddr, process::Command, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::process::{Resource, Rlimit, setrlimit};
use shopmesh_mesh::net::{
    Drain, DrainTrigger, RequestBody,
    listener::{ListenerLimits, serve},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::support::{TIMEOUT, Warehouse, World, ask};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const GOAWAY: u8 = 7;
const ENHANCE_YOUR_CALM: u32 = 0xb;

/// Answers GET and lets other requests wait forever.
async fn listener(limits: ListenerLimits) -> (SocketAddr, DrainTrigger) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (trigger, drain) = Drain::new();
    tokio::spawn(serve(socket, None, limits, drain, |_, request: Request<RequestBody>| async move {
        if request.method() != Method::GET {
            std::future::pending::<()>().await;
        }
        Response::new(Full::new(Bytes::from_static(b"here")))
    }));
    (address, trigger)
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The error code of the first GOAWAY; none if the connection just ends.
async fn goaway(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<u32> {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let mut payload =
            vec![0; usize::try_from(u32::from_be_bytes([0, head[0], head[1], head[2]])).unwrap()];
        stream.read_exact(&mut payload).await.ok()?;
        if head[3] == GOAWAY {
            return Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
    }
}

/// What a connection is told on which these bytes come.
async fn told(address: SocketAddr, flood: Vec<u8>) -> Option<u32> {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let flooding = tokio::spawn(async move {
        writer.write_all(&[PREFACE, &frame(4, 0, 0, &[])].concat()).await.unwrap();
        for piece in flood.chunks(500) {
            // Refused at some time.
            if writer.write_all(piece).await.is_err() {
                break;
            }
        }
        // Held open, so that only the server can end it.
        writer
    });
    let told = timeout(TIMEOUT, goaway(&mut reader)).await.expect("the connection ends");
    drop(timeout(TIMEOUT, flooding).await.unwrap());
    told
}

#[tokio::test]
async fn a_flood_of_frames_ends_its_connection() {
    let (address, _trigger) = listener(ListenerLimits::default()).await;
    for (what, flood) in [
        ("SETTINGS", frame(4, 0, 0, &[])),
        ("SETTINGS that say something", frame(4, 0, 0, &[0, 4, 0, 1, 0, 0])),
        ("PING", frame(6, 0, 0, &[0; 8])),
        ("PING acknowledged", frame(6, 1, 0, &[0; 8])),
        ("WINDOW_UPDATE", frame(8, 0, 0, &[0, 0, 0, 1])),
        ("PRIORITY", frame(2, 0, 1, &[0, 0, 0, 0, 1])),
        ("an unknown frame", frame(99, 0, 0, b"hello")),
    ] {
        assert_eq!(told(address, flood.repeat(3000)).await, Some(ENHANCE_YOUR_CALM), "{what}");
    }
    // Requests beyond those at once: `POST /` to `a`, without an end.
    let refused =
        (0..3000).flat_map(|number| frame(1, 4, 2 * number + 1, b"\x83\x84\x86\x41\x01a")).collect();
    assert_eq!(told(address, refused).await, Some(ENHANCE_YOUR_CALM), "refused requests");
}

#[tokio::test]
async fn thousands_of_requests_are_no_flood() {
    let (address, _trigger) = listener(ListenerLimits::default()).await;
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..25 {
        let answers = (0..50).map(|_| {
            let mut sender = sender.clone();
            let request = Request::get(format!("http://{address}/")).body(Full::new(Bytes::new())).unwrap();
            async move { sender.send_request(request).await }
        });
        for answer in futures_util::future::join_all(answers).await {
            assert_eq!(answer.unwrap().status(), 200);
        }
    }
}

#[tokio::test]
async fn silent_connections_make_room_and_calls_go_on() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let call = async { world.edge(server.address).get_availability(ask(1)).await };
    timeout(Duration::from_secs(4), call).await.expect("it waits for no silent connection").unwrap();
    let mut byte = [0];
    let ended = timeout(Duration::from_secs(4), silent[0].read(&mut byte)).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "the oldest has made room: {ended:?}");
}

#[tokio::test]
async fn a_full_listener_serves_who_asks_and_drops_who_does_not() {
    let limits = ListenerLimits {
        connections: 8,
        connections_per_peer: 100,
        silent_per_peer: 100,
        ..ListenerLimits::default()
    };
    let (address, _trigger) = listener(limits).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let mut talking = Vec::new();
    for _ in 0..7 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        timeout(TIMEOUT, stream.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        talking.push(stream);
    }
    drop(silent);
}

/// Set for the process that has few descriptors.
const FEW: &str = "SHOPMESH_TEST_FEW_DESCRIPTORS";

#[tokio::test]
async fn a_process_out_of_descriptors_takes_them_from_silent_connections() {
    if std::env::var_os(FEW).is_none() {
        // The limit is the whole process's.
        let name = "floods::a_process_out_of_descriptors_takes_them_from_silent_connections";
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([name, "--exact", "--nocapture"]).env(FEW, "1");
        let status = tokio::task::spawn_blocking(move || child.status());
        assert!(timeout(3 * TIMEOUT, status).await.unwrap().unwrap().unwrap().success());
        return;
    }
    let few = Some(100);
    setrlimit(Resource::Nofile, Rlimit { current: few, maximum: few }).unwrap();
    let limits = ListenerLimits {
        connections: 1000,
        connections_per_peer: 1000,
        silent_per_peer: 1000,
        ..ListenerLimits::default()
    };
    let (address, _trigger) = listener(limits).await;
    let mut silent = Vec::new();
    while let Ok(stream) = TcpStream::connect(address).await {
        silent.push(stream);
    }
    silent.truncate(silent.len() - 2);
    let asking = async {
        let mut stream = loop {
            match TcpStream::connect(address).await {
                Ok(stream) => break stream,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        answer
    };
    // Sooner than any of them would be cut for its silence.
    assert_eq!(&timeout(Duration::from_secs(5), asking).await.unwrap(), b"HTTP/1.1 200");
}
