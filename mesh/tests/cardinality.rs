//! A method that takes one message is sent none, several, or parts of one.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use prost::Message;
use shopmesh_mesh::{client::MeshChannel, workload::SpiffeId};
use shopmesh_proto::inventory::v1::WatchStockRequest;
use tonic::{Code, body::Body};
use tower::Service;

use crate::support::{Warehouse, World, ask};

/// A length-prefixed message.
fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], &length[..], message].concat()
}

/// The status of a call with these bytes.
async fn call(channel: &mut MeshChannel, method: &str, body: Vec<u8>) -> Code {
    let request = http::Request::post(format!("/shopmesh.inventory.v1.InventoryService/{method}"))
        .header("content-type", "application/grpc")
        .body(Body::new(Full::new(Bytes::from(body))))
        .unwrap();
    let (head, mut body) = match channel.call(request).await {
        Ok(answer) => answer.into_parts(),
        Err(status) => return status.code(),
    };
    let code = |headers: &http::HeaderMap| {
        headers.get("grpc-status").map(|status| Code::from_bytes(status.as_bytes()))
    };
    if let Some(code) = code(&head.headers) {
        return code;
    }
    while let Some(frame) = body.frame().await {
        match frame.unwrap().into_trailers() {
            Ok(trailers) => return code(&trailers).unwrap(),
            // The first message of an endless stream is enough.
            Err(_) if method == "WatchStock" => return Code::Ok,
            Err(_) => {}
        }
    }
    Code::Unknown
}

#[tokio::test]
async fn one_message_is_one_message() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut channel = world.channel(&SpiffeId::edge("main"), server.address);
    let watch = WatchStockRequest { variants: vec![ask(2).variant] };
    for (method, message) in
        [("GetAvailability", ask(2).encode_to_vec()), ("WatchStock", watch.encode_to_vec())]
    {
        let one = frame(0, &message);
        let cases: [(&str, Vec<u8>, Code); 8] = [
            ("one", one.clone(), Code::Ok),
            ("none", Vec::new(), Code::Unimplemented),
            ("two", one.repeat(2), Code::Unimplemented),
            ("two, one of them empty", [one.clone(), frame(0, &[])].concat(), Code::Unimplemented),
            ("a byte too many", [one.clone(), vec![0]].concat(), Code::Unimplemented),
            ("half of one", one[..one.len() / 2].to_vec(), Code::Internal),
            ("half a prefix", one[..3].to_vec(), Code::Internal),
            ("compressed, and not said how", frame(1, &message), Code::Internal),
        ];
        for (what, body, wanted) in cases {
            let runs = warehouse.runs(2);
            assert_eq!(call(&mut channel, method, body).await, wanted, "{method}: {what}");
            if wanted != Code::Ok {
                assert_eq!(warehouse.runs(2), runs, "{method}: {what}");
            }
        }
    }
}
