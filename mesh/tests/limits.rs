//! What a peer may ask of a server before it is refused.

use std::time::{Duration, Instant};

use shopmesh_proto::inventory::v1::GetAvailabilityRequest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::{Code, Request};

use crate::support::{STUCK, TALKATIVE, TIMEOUT, Warehouse, World, ask};

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_and_the_connection_lives() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.edge(server.address);
    for mebibytes in [2, 5] {
        let large = GetAvailabilityRequest { variant: "x".repeat(mebibytes * 1024 * 1024) };
        assert_eq!(client.get_availability(large).await.unwrap_err().code(), Code::ResourceExhausted);
    }
    // Not too large, but not what the contract calls a variant.
    let odd = GetAvailabilityRequest { variant: "x".repeat(1000) };
    assert_eq!(client.get_availability(odd).await.unwrap_err().code(), Code::InvalidArgument);
    let mut headed = Request::new(ask(1));
    headed.metadata_mut().insert("x-long", "y".repeat(64 * 1024).parse().unwrap());
    assert_eq!(client.get_availability(headed).await.unwrap_err().code(), Code::ResourceExhausted);
    client.get_availability(ask(2)).await.unwrap();
    assert_eq!((warehouse.runs(1), warehouse.runs(2)), (0, 1));
}

#[tokio::test]
async fn a_status_that_no_header_holds_is_cut_and_the_connection_lives() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.edge(server.address);
    let mut neighbor = client.clone();
    let waiting = tokio::spawn(async move { neighbor.get_availability(ask(STUCK)).await });
    let status = client.get_availability(ask(TALKATIVE)).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
    warehouse.release();
    waiting.await.unwrap().unwrap();
    assert_eq!(warehouse.runs(STUCK), 1, "a call beside it was not broken and sent again");
}

/// How long a server keeps a connection on which this is all that is ever said.
async fn kept(address: std::net::SocketAddr, said: &[u8]) -> Duration {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(said).await.unwrap();
    let started = Instant::now();
    let mut rest = Vec::new();
    // A reset is an end as good as any.
    let _ = tokio::time::timeout(2 * TIMEOUT, stream.read_to_end(&mut rest)).await.expect("it is closed");
    started.elapsed()
}

#[tokio::test]
async fn a_slow_handshake_is_closed_and_nobody_else_waits_for_it() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    // The start of a TLS record that says it holds a ClientHello of 512 bytes.
    let half_hello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];
    let slow =
        tokio::spawn(
            async move { tokio::join!(kept(server.address, b""), kept(server.address, &half_hello)) },
        );
    world.edge(server.address).get_availability(ask(1)).await.unwrap();
    let (silent, half) = slow.await.unwrap();
    for time in [silent, half] {
        assert!((4..=8).contains(&time.as_secs()), "{time:?}");
    }
}
