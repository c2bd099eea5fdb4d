//! The service as the kit hosts it, called over mutual TLS by an operator and an edge.

#![allow(clippy::unwrap_used)]

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use shopmesh_kit::{
    clock::SystemClock,
    service::{Hosted, ServiceEnv, ServiceHost},
    settings::Settings,
};
use shopmesh_mesh::{
    ServiceName,
    client::MeshClient,
    discovery::Directory,
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain},
};
use shopmesh_proto::sample::v1::{
    sample_import_service_client::SampleImportServiceClient, sample_service_client::SampleServiceClient, *,
};
use tonic::Code;

fn identity(folder: &Path, id: &SpiffeId) -> Arc<Identity> {
    let authority = CertificateAuthority::load_or_create(folder, &TrustDomain::default()).unwrap();
    Identity::load(&authority.issue_to(id, folder).unwrap()).unwrap()
}

async fn start(folder: &Path) -> ServiceHost {
    let own = identity(folder, &SpiffeId::service(ServiceName::Sample));
    let mesh = MeshClient::new(own.clone(), Directory::fixed(Default::default()), Metrics::default());
    let env = ServiceEnv {
        service: ServiceName::Sample,
        data_dir: folder.to_owned(),
        clock: Arc::new(SystemClock),
        mesh: mesh.clone(),
        settings: Settings::new("sample", Default::default()),
        metrics: Metrics::default(),
    };
    let hosted = Hosted {
        service: shopmesh_sample::build(env).await.unwrap(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        identity: own,
        mesh,
        metrics: Metrics::default(),
        clock: Arc::new(SystemClock),
    };
    ServiceHost::start(vec![hosted]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_imports_is_seen_by_all() {
    let folder = tempfile::tempdir().unwrap();
    let host = start(folder.path()).await;
    let directory = Directory::fixed(host.addresses().iter().map(|(name, at)| (*name, vec![*at])).collect());
    let channel = |id: &SpiffeId| {
        MeshClient::new(identity(folder.path(), id), directory.clone(), Metrics::default())
            .channel(ServiceName::Sample)
    };
    let (operator, edge) = (channel(&SpiffeId::operator("cli")), channel(&SpiffeId::edge("main")));
    let mut shown = SampleServiceClient::new(edge.clone());
    let get = || GetSampleRequest { name: "samples/tweed".into() };
    assert_eq!(shown.get_sample(get()).await.unwrap_err().code(), Code::NotFound);

    let mut import = SampleImportServiceClient::new(operator);
    for color in ["c0ffee", "c0ffee", "00000f"] {
        let sample = Sample { name: "samples/tweed".into(), color: color.into() };
        import.import_sample(ImportSampleRequest { sample: Some(sample.clone()) }).await.unwrap();
        assert_eq!(shown.get_sample(get()).await.unwrap().into_inner(), sample);
    }
    let refused = SampleImportServiceClient::new(edge).import_sample(ImportSampleRequest::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    assert!(host.drain(Duration::from_secs(5)).await);
}
