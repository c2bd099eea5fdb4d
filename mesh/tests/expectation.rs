//! `Expect: 100-continue` at a server of the mesh.

use std::{future::poll_fn, net::SocketAddr, pin::Pin, sync::Arc, task::Poll};

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use http::Request;
use prost::Message;
use rustls::pki_types::ServerName;
use shopmesh_mesh::{ServiceName, workload::SpiffeId};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use crate::support::{TIMEOUT, Warehouse, World, ask};

async fn connect(world: &World, address: SocketAddr) -> SendRequest<Bytes> {
    let identity = world.identity(&SpiffeId::edge("main"));
    let tls = identity.client_config(&SpiffeId::service(ServiceName::Inventory)).unwrap();
    let mut tls = (*tls).clone();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from("inventory").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let stream = TlsConnector::from(Arc::new(tls)).connect(name, stream).await.unwrap();
    let (requests, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    requests
}

/// What a client is told first: 100, or the answer.
async fn told(answer: &mut ResponseFuture) -> u16 {
    let told = poll_fn(|context| {
        if let Poll::Ready(Some(interim)) = answer.poll_informational(context) {
            return Poll::Ready(interim.unwrap().status());
        }
        Pin::new(&mut *answer).poll(context).map(|response| response.unwrap().status())
    });
    timeout(TIMEOUT, told).await.unwrap().as_u16()
}

#[tokio::test]
async fn who_waits_is_asked_for_the_message_unless_the_head_is_refused() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let requests = connect(&world, server.address).await;
    let wait = async |method: &str| {
        let request = Request::post(format!("https://a/shopmesh.inventory.v1.InventoryService/{method}"))
            .header("content-type", "application/grpc")
            .header("expect", "100-continue")
            .body(())
            .unwrap();
        requests.clone().ready().await.unwrap().send_request(request, false).unwrap()
    };
    let (mut refused, _body) = wait("NoSuchMethod").await;
    assert_eq!(told(&mut refused).await, 200, "with its status");

    let (mut answer, mut body) = wait("GetAvailability").await;
    assert_eq!(told(&mut answer).await, 100);
    let message = ask(7).encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    body.send_data([&[0], &length[..], &message].concat().into(), true).unwrap();
    assert_eq!(told(&mut answer).await, 200);
    assert_eq!(warehouse.runs(7), 1);
}
