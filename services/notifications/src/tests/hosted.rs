//! The service as a process runs it: events come from identity's log over the mesh and leave as mail.

use std::{sync::Arc, time::Duration};

use shopmesh_kit::{
    ServiceName,
    clock::{Clock, SystemClock},
    db::Db,
    events::{self, Cause},
    service::{Hosted, Service, ServiceEnv, ServiceHost},
    settings::Settings,
};
use shopmesh_mesh::{client::MeshClient, discovery::Directory, telemetry::Metrics, workload::Workload};
use shopmesh_proto::identity::v1::{UserCreated, user_directory_service_server::UserDirectoryServiceServer};
use tonic::service::Routes;

use super::{People, identities};
use crate::store::MIGRATOR;

#[tokio::test]
async fn a_new_account_is_welcomed() {
    let folder = tempfile::tempdir().unwrap();
    let identity = identities(&folder);
    let people = People::default();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let hosted = |service: Service, mesh: MeshClient| Hosted {
        listen: ([127, 0, 0, 1], 0).into(),
        identity: identity(Workload::Service(service.name)),
        service,
        mesh,
        metrics: Metrics::default(),
        clock: clock.clone(),
    };
    let mesh = |of: ServiceName, directory: Directory| {
        MeshClient::new(identity(Workload::Service(of)), directory, Metrics::default())
    };

    let published = Db::open(&folder.path().join("identity.db"), &MIGRATOR).await.unwrap();
    let mut producer =
        Service::new(ServiceName::Identity, Routes::new(UserDirectoryServiceServer::new(people.clone())));
    producer.db = Some(published.clone());
    let nowhere = mesh(ServiceName::Identity, Directory::fixed([].into()));
    let producer = ServiceHost::start(vec![hosted(producer, nowhere)]).await.unwrap();
    let places = producer.addresses().iter().map(|(name, address)| (*name, vec![*address])).collect();

    let mesh = mesh(ServiceName::Notifications, Directory::fixed(places));
    let env = ServiceEnv {
        service: ServiceName::Notifications,
        data_dir: folder.path().join("notifications"),
        clock: clock.clone(),
        mesh: mesh.clone(),
        settings: Settings::default(),
        metrics: Metrics::default(),
    };
    let consumer = ServiceHost::start(vec![hosted(crate::build(env).await.unwrap(), mesh)]).await.unwrap();

    let user = people.add("ann@example.com", "Ann").name();
    let append = published.write((user, clock.now()), |tx, (user, now)| {
        Box::pin(async move {
            let event = UserCreated { user: user.clone() };
            events::append(tx, &Cause::background("test", *now), user, &event).await
        })
    });
    append.await.unwrap();
    let mail = folder.path().join("notifications").join("mail");
    let arrives = async {
        loop {
            let mut files = std::fs::read_dir(&mail).unwrap().map(|file| file.unwrap().path());
            if let Some(file) =
                files.find(|path| path.extension().is_some_and(|extension| extension == "eml"))
            {
                return std::fs::read_to_string(file).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let text = tokio::time::timeout(Duration::from_secs(20), arrives).await.expect("the mail arrives");
    assert!(text.contains("Subject: Welcome to shopmesh"), "{text}");
    assert!(consumer.drain(Duration::from_secs(10)).await, "it ends in time");
    assert!(producer.drain(Duration::from_secs(10)).await);
}
