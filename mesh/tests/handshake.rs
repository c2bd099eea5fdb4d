//! Who gets a connection: chain, time, usage and exactly one SPIFFE id of the trust domain.

use std::{net::SocketAddr, ops::Range, sync::Arc};

use http_body_util::BodyExt;
use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
use rustls::{ClientConfig, pki_types::ServerName};
use shopmesh_mesh::{
    ServiceName,
    net::{
        BoxBody, Drain,
        connection::Transport,
        pool::{Endpoint, Pool, PoolError},
    },
    server::MeshServer,
    workload::{Identity, IdentityError, SpiffeId},
};
use tonic::Code;

use crate::support::{TestAuthority, Warehouse, World, ask, certificates::TestCertificate};

const OPERATOR: &str = "spiffe://shopmesh.local/operator/ada";
const NOW: Range<i64> = -1..1;

async fn connect(address: SocketAddr, tls: Arc<ClientConfig>) -> Result<http::StatusCode, PoolError> {
    let name = ServerName::try_from("localhost").unwrap();
    let pool = Pool::new(Endpoint { address, tls: Some((tls, name)), transport: Transport::default() });
    let body = BoxBody::new(http_body_util::Empty::new().map_err(|never| match never {}));
    let request = http::Request::post("https://localhost/grpc.health.v1.Health/Check");
    pool.request(request.body(body).unwrap()).await.map(|answer| answer.status())
}

#[tokio::test]
async fn only_certificates_of_the_trust_domain_get_in() {
    let (ours, foreign) = (TestAuthority::new("ours"), TestAuthority::new("foreign"));
    let folder = tempfile::tempdir().unwrap();
    let own = ours.issue(&["spiffe://shopmesh.local/svc/inventory"], NOW, ServerAuth);
    let identity = Identity::load(&ours.write(&own, folder.path())).unwrap();
    let server = MeshServer::builder(ServiceName::Inventory, identity).bind().await.unwrap();
    let address = server.local_addr();
    let (_trigger, drain) = Drain::new();
    tokio::spawn(server.serve(drain));

    let good = ours.issue(&[OPERATOR], NOW, ClientAuth).client();
    assert_eq!(connect(address, good).await.unwrap(), http::StatusCode::OK);

    let refused = [
        ("a foreign authority", foreign.issue(&[OPERATOR], NOW, ClientAuth).client()),
        ("expired", ours.issue(&[OPERATOR], -3..-1, ClientAuth).client()),
        ("not yet valid", ours.issue(&[OPERATOR], 1..3, ClientAuth).client()),
        ("a server's certificate", ours.issue(&[OPERATOR], NOW, ServerAuth).client()),
        ("another trust domain", ours.issue(&["spiffe://other/operator/ada"], NOW, ClientAuth).client()),
        ("two ids", ours.issue(&[OPERATOR, "spiffe://shopmesh.local/svc/orders"], NOW, ClientAuth).client()),
        ("an id and a URL", ours.issue(&[OPERATOR, "https://shopmesh.local/"], NOW, ClientAuth).client()),
        ("no id", ours.issue(&[], NOW, ClientAuth).client()),
        ("no workload of ours", ours.issue(&["spiffe://shopmesh.local/svc/x"], NOW, ClientAuth).client()),
        ("no certificate", TestCertificate::no_client()),
    ];
    for (what, tls) in refused {
        match connect(address, tls).await {
            Err(error @ PoolError::Connect { .. }) => {
                assert!(error.to_string().contains("certificate"), "{what}: {error}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_client_accepts_only_the_service_it_asked_for() {
    let world = World::new();
    let warehouse = Warehouse::new();
    let server = world.serve(&warehouse, None).await;
    world.edge(server.address).get_availability(ask(1)).await.unwrap();

    // The port of inventory, where orders was expected.
    let elsewhere = world.client(&SpiffeId::operator("cli"), ServiceName::Orders, server.address);
    let mut health =
        tonic_health::pb::health_client::HealthClient::new(elsewhere.channel(ServiceName::Orders));
    let refused = health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.message().contains("cannot connect"), "{refused}");
}

#[test]
fn an_identity_has_one_id_and_the_key_of_its_certificate() {
    let ours = TestAuthority::new("ours");
    let folder = tempfile::tempdir().unwrap();
    let two = ours.issue(&[OPERATOR, "spiffe://shopmesh.local/svc/orders"], NOW, ClientAuth);
    let refused = Identity::load(&ours.write(&two, folder.path())).unwrap_err();
    assert!(matches!(refused, IdentityError::NotOneSpiffeId { .. }), "{refused}");

    let files = ours.write(&ours.issue(&[OPERATOR], NOW, ClientAuth), folder.path());
    let certificate = std::fs::read(&files.cert).unwrap();
    let files = ours.write(&ours.issue(&[OPERATOR], NOW, ClientAuth), folder.path());
    std::fs::write(&files.cert, certificate).unwrap();
    assert!(matches!(Identity::load(&files).unwrap_err(), IdentityError::Tls(_)));
}
