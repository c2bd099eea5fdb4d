//! New certificates while calls run.

use std::time::Duration;

use shopmesh_mesh::{
    ServiceName,
    client::MeshClient,
    discovery::Directory,
    net::Drain,
    server::MeshServer,
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, IdentityError, SpiffeId, TrustDomain},
};
use shopmesh_proto::inventory::v1::{
    inventory_service_client::InventoryServiceClient, inventory_service_server::InventoryServiceServer,
};
use tonic::service::Routes;

use crate::support::{Warehouse, World, ask, eventually};

#[tokio::test]
async fn both_ends_move_to_a_new_authority_without_a_restart() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let authority = |folder: &tempfile::TempDir| {
        CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default())
    };
    let (first, second) = (authority(&old).unwrap(), authority(&new).unwrap());
    let (inventory, edge) = (SpiffeId::service(ServiceName::Inventory), SpiffeId::edge("main"));
    let load = |id| Identity::load(&first.issue_to(id, old.path()).unwrap()).unwrap();
    let (at_server, at_client) = (load(&inventory), load(&edge));

    let warehouse = Warehouse::new();
    let server = MeshServer::builder(ServiceName::Inventory, at_server.clone())
        .routes(Routes::new(InventoryServiceServer::new(warehouse.clone())))
        .bind()
        .await
        .unwrap();
    let directory = Directory::fixed([(ServiceName::Inventory, vec![server.local_addr()])].into());
    let (_trigger, drain) = Drain::new();
    tokio::spawn(server.serve(drain));
    let client = || {
        let mesh = MeshClient::new(at_client.clone(), directory.clone(), Metrics::default());
        InventoryServiceClient::new(mesh.channel(ServiceName::Inventory))
    };
    let mut early = client();
    early.get_availability(ask(1)).await.unwrap();

    at_server.reload(&second.issue_to(&inventory, new.path()).unwrap()).unwrap();
    early.get_availability(ask(2)).await.unwrap();
    client().get_availability(ask(3)).await.expect_err("a new connection meets the new authority");
    at_client.reload(&second.issue_to(&edge, new.path()).unwrap()).unwrap();
    client().get_availability(ask(3)).await.unwrap();
    early.get_availability(ask(4)).await.unwrap();
    assert_eq!((1..=4).map(|number| warehouse.runs(number)).sum::<usize>(), 4);
}

#[test]
fn what_cannot_be_used_leaves_the_old_certificate() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
    let identity = world.identity(&SpiffeId::service(ServiceName::Orders));
    let mut files = authority.issue_to(&SpiffeId::service(ServiceName::Payments), folder.path()).unwrap();
    assert!(matches!(identity.reload(&files).unwrap_err(), IdentityError::OtherWorkload { .. }));
    files.cert = folder.path().join("none.crt");
    assert!(matches!(identity.reload(&files).unwrap_err(), IdentityError::File { .. }));
    identity.server_config().unwrap();
    assert_eq!(identity.id(), &SpiffeId::service(ServiceName::Orders));
}

#[tokio::test]
async fn files_that_are_replaced_are_used_and_half_a_pair_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let id = SpiffeId::service(ServiceName::Inventory);
    let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
    let files = authority.issue_to(&id, folder.path()).unwrap();
    let identity = Identity::load(&files).unwrap();
    let (trigger, drain) = Drain::new();
    let following = tokio::spawn(identity.clone().follow(files.clone(), drain));
    let first = identity.certificate();

    let next = authority.issue(&id, Duration::from_secs(3600)).unwrap();
    std::fs::write(&files.cert, &next.certificate).unwrap();
    assert!(
        matches!(identity.reload(&files).unwrap_err(), IdentityError::Tls(_)),
        "its key is still to come"
    );
    assert_eq!(identity.certificate(), first);
    std::fs::write(&files.key, &next.private_key).unwrap();
    eventually("the new pair is taken", || identity.certificate() != first).await;
    assert!(trigger.drain(Duration::from_secs(5)).await);
    following.await.unwrap();
}
