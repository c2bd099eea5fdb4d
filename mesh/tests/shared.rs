//! A connection between workloads carries the calls of many strangers: nothing that one of them does may end it.

use futures_util::{FutureExt, future::join_all};
use shopmesh_mesh::client::MeshChannel;
use shopmesh_proto::inventory::v1::{Availability, inventory_service_client::InventoryServiceClient};
use tokio::task::JoinHandle;
use tonic::{Code, Request, Response, Status};

use crate::support::{STUCK, Warehouse, World, ask, eventually};

type Client = InventoryServiceClient<MeshChannel>;

/// A call that waits until the warehouse is released, on the connection that all others share.
async fn neighbor(
    client: &Client,
    warehouse: &Warehouse,
) -> JoinHandle<Result<Response<Availability>, Status>> {
    let mut client = client.clone();
    let call = tokio::spawn(async move { client.get_availability(ask(STUCK)).await });
    eventually("the neighbor's call runs", || warehouse.runs(STUCK) == 1).await;
    call
}

async fn unharmed(warehouse: &Warehouse, call: JoinHandle<Result<Response<Availability>, Status>>) {
    warehouse.release();
    call.await.unwrap().unwrap();
    assert_eq!(warehouse.runs(STUCK), 1, "it was not broken and sent again");
}

#[tokio::test]
async fn headers_of_any_size_are_answered_on_their_own_stream() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.edge(server.address);
    let waiting = neighbor(&client, &warehouse).await;
    for (values, size, taken) in [
        (1, 20_000, true),
        (1, 64_000, true),
        (1, 66_000, false),
        (1, 100_000, false),
        (3, 40_000, false),
        (200, 500, false),
        (1, 240_000, false),
        (20, 20_000, false),
    ] {
        let mut request = Request::new(ask(1));
        for number in 0..values {
            let name = tonic::metadata::MetadataKey::from_bytes(format!("x-{number}").as_bytes()).unwrap();
            request.metadata_mut().insert(name, "y".repeat(size).parse().unwrap());
        }
        let answer = client.get_availability(request).await;
        assert_eq!(answer.is_ok(), taken, "{values} of {size}: {answer:?}");
        if !taken {
            assert_eq!(answer.unwrap_err().code(), Code::ResourceExhausted, "{values} of {size}");
        }
    }
    unharmed(&warehouse, waiting).await;
}

#[tokio::test]
async fn callers_who_go_away_at_once_take_nobody_along() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let client = world.edge(server.address);
    let waiting = neighbor(&client, &warehouse).await;
    for round in 0..10 {
        let mut calls: Vec<_> = (0..60)
            .map(|number| {
                let mut client = client.clone();
                async move { client.get_availability(ask(number)).await }.boxed()
            })
            .collect();
        // Sent; and, in every other round, perhaps also taken or even answered.
        let _ = join_all(calls.iter_mut()).now_or_never();
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
    }
    unharmed(&warehouse, waiting).await;
}
