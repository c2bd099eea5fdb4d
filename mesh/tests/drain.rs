//! Ending a server: running calls finish, new ones go elsewhere, hanging ones are cut.

use std::time::Duration;

use shopmesh_mesh::{ServiceName, workload::SpiffeId};
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::support::{STUCK, Warehouse, World, ask, eventually};

#[tokio::test]
async fn running_calls_finish_and_watchers_of_health_are_told() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.operator(server.address);
    let mut late = world.operator(server.address);
    let health = world.client(&SpiffeId::operator("cli"), ServiceName::Inventory, server.address);
    let mut health = HealthClient::new(health.channel(ServiceName::Inventory));
    let mut states = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(states.message().await.unwrap().unwrap().status, 1, "SERVING");

    let running = tokio::spawn(async move { client.get_availability(ask(STUCK)).await });
    eventually("the call runs", || warehouse.runs(STUCK) == 1).await;
    let drained = tokio::spawn(server.trigger.drain(Duration::from_secs(10)));
    assert_eq!(states.message().await.unwrap().unwrap().status, 2, "NOT_SERVING");
    drop(states);
    let refused = late.get_availability(ask(1)).await.unwrap_err();
    assert_eq!((refused.code(), warehouse.runs(1)), (Code::Unavailable, 0));

    warehouse.release();
    assert_eq!(running.await.unwrap().unwrap().into_inner().available, 7);
    assert!(drained.await.unwrap(), "nothing had to be cut");
}

#[tokio::test]
async fn what_does_not_finish_is_cut() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.operator(server.address);
    let running = tokio::spawn(async move { client.get_availability(ask(STUCK)).await });
    eventually("the call runs", || warehouse.runs(STUCK) == 1).await;
    assert!(!server.trigger.drain(Duration::from_millis(200)).await);
    let cut = running.await.unwrap().unwrap_err();
    assert!(matches!(cut.code(), Code::Unavailable | Code::Cancelled), "{cut}");
}
