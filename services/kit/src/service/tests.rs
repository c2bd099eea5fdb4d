//! Services over real mTLS: events within a process, events between processes, an orderly end.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use shopmesh_mesh::{
    discovery::Directory,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain},
};
use shopmesh_proto::inventory::v1::StockRanOut;
use tempfile::TempDir;

use super::*;
use crate::{
    clock::SystemClock,
    db::{Tx, sql, testing::temp_db},
    error::Error,
    events::{Cause, Envelope, append},
    testing::eventually,
};

struct Count;

impl EventHandler for Count {
    fn name(&self) -> &'static str {
        "count"
    }

    fn types(&self) -> &'static [&'static str] {
        &["shopmesh.inventory.v1.StockRanOut"]
    }

    fn handle<'t>(&'t self, tx: &'t mut Tx, event: &'t Envelope) -> BoxFuture<'t, Result<(), Error>> {
        Box::pin(async move {
            sql("INSERT INTO seen (id) VALUES ($1)").bind(&event.id).execute(tx).await?;
            Ok(())
        })
    }
}

struct World {
    folder: TempDir,
    authority: CertificateAuthority,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
        Self { folder, authority }
    }

    /// A service that knows the way to inventory, if it is elsewhere.
    fn hosted(&self, service: Service, inventory: Option<SocketAddr>) -> Hosted {
        let files = self.authority.issue_to(&SpiffeId::service(service.name), self.folder.path()).unwrap();
        let identity = Identity::load(&files).unwrap();
        let known = inventory.map(|address| (ServiceName::Inventory, vec![address]));
        let directory = Directory::fixed(known.into_iter().collect::<BTreeMap<_, _>>());
        Hosted {
            service,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            mesh: MeshClient::new(identity.clone(), directory, Metrics::default()),
            identity,
            metrics: Metrics::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

async fn producer() -> (Service, Db, TempDir) {
    let (db, folder) = temp_db().await;
    let mut service = Service::new(ServiceName::Inventory, Routes::default());
    service.db = Some(db.clone());
    (service, db, folder)
}

async fn consumer() -> (Service, Db, TempDir) {
    let (db, folder) = temp_db().await;
    db.write((), |tx, ()| {
        Box::pin(async move {
            sql("CREATE TABLE seen (id TEXT PRIMARY KEY)").execute(tx).await.map_err(Error::from)
        })
    })
    .await
    .unwrap();
    let mut service = Service::new(ServiceName::Notifications, Routes::default());
    service.db = Some(db.clone());
    service.handlers = vec![Arc::new(Count)];
    (service, db, folder)
}

async fn publish(db: &Db) {
    db.write((), |tx, ()| {
        Box::pin(async move {
            let cause = Cause::background("test", SystemClock.now());
            append(tx, &cause, "stock/a", &StockRanOut::default()).await
        })
    })
    .await
    .unwrap();
}

async fn seen(db: &Db) -> i64 {
    sql("SELECT COUNT(*) AS n FROM seen").one(db).await.unwrap().int("n").unwrap()
}

#[tokio::test]
async fn events_reach_a_consumer_in_the_same_process() {
    let world = World::new();
    let (inventory, inventory_db, _a) = producer().await;
    let (notifications, notifications_db, _b) = consumer().await;
    publish(&inventory_db).await;
    let services = vec![world.hosted(inventory, None), world.hosted(notifications, None)];
    let host = ServiceHost::start(services).await.unwrap();
    publish(&inventory_db).await;
    eventually("both arrive", || async { seen(&notifications_db).await == 2 }).await;
    assert!(host.drain(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn events_reach_a_consumer_in_another_process_and_survive_its_absence() {
    let world = World::new();
    let (inventory, inventory_db, _a) = producer().await;
    let (notifications, notifications_db, folder) = consumer().await;
    let producing = ServiceHost::start(vec![world.hosted(inventory, None)]).await.unwrap();
    let address = producing.addresses()[0].1;
    publish(&inventory_db).await;

    let consuming = ServiceHost::start(vec![world.hosted(notifications, Some(address))]).await.unwrap();
    eventually("the first arrives", || async { seen(&notifications_db).await == 1 }).await;
    assert!(consuming.drain(Duration::from_secs(5)).await);
    publish(&inventory_db).await;

    let path = folder.path().join("t e#s?t.db");
    let db = Db::open(&path, &crate::db::testing::NO_MIGRATIONS).await.unwrap();
    let mut again = Service::new(ServiceName::Notifications, Routes::default());
    again.db = Some(db.clone());
    again.handlers = vec![Arc::new(Count)];
    let consuming = ServiceHost::start(vec![world.hosted(again, Some(address))]).await.unwrap();
    eventually("the second arrives", || async { seen(&db).await == 2 }).await;
    assert!(consuming.drain(Duration::from_secs(5)).await);
    assert!(producing.drain(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let world = World::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (inventory, _db, _folder) = producer().await;
    let mut hosted = world.hosted(inventory, None);
    hosted.listen = taken.local_addr().unwrap();
    let error = ServiceHost::start(vec![hosted]).await.err().unwrap();
    let text = format!("{error:#}");
    assert!(text.contains("inventory") && text.contains(&taken.local_addr().unwrap().to_string()), "{text}");
}

#[tokio::test]
async fn tasks_run_until_the_drain() {
    let world = World::new();
    let (mut inventory, db, _folder) = producer().await;
    inventory.tasks.push(BackgroundTask::new("publish at the end", |drain: Drain| async move {
        drain.started().await;
        publish(&db).await;
    }));
    let host = ServiceHost::start(vec![world.hosted(inventory, None)]).await.unwrap();
    assert!(host.drain(Duration::from_secs(5)).await, "the database is still open while tasks end");
}
