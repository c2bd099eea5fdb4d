//! This service among its neighbors: identity over the real mesh, mail into a folder or to a server.

mod hosted;
mod log;
mod migration;
mod sending;
mod smtp_sink;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use shopmesh_kit::{
    ServiceName,
    clock::{Clock, ManualClock, Timestamp},
    db::Db,
    error::Result,
    money::{Currency, Money},
};
use shopmesh_mesh::{
    client::MeshClient,
    discovery::Directory,
    net::{Drain, DrainTrigger},
    server::MeshServer,
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain, Workload},
};
use shopmesh_proto::identity::v1::{
    BatchGetContactsRequest, BatchGetContactsResponse, Contact,
    user_directory_service_server::{UserDirectoryService, UserDirectoryServiceServer},
};
use tempfile::TempDir;
use tonic::{Request, Response, Status, service::Routes};

use crate::{
    app::App,
    config::SmtpSettings,
    domain::{delivery::Delivery, fact::Fact, notice::Notice},
    ids::UserId,
    mail::Mailer,
    peers::identity::Identity as IdentityPeer,
    store::{
        MIGRATOR,
        deliveries::{self, Filter},
    },
    workflows,
};

/// Identity, as far as this service asks it.
#[derive(Clone, Default)]
pub struct People(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    contacts: HashMap<String, Contact>,
    away: bool,
    asked: usize,
}

impl People {
    /// A new person.
    pub fn add(&self, email: &str, display_name: &str) -> UserId {
        let user = UserId::generate();
        let contact = Contact {
            user: user.name(),
            email: email.to_owned(),
            display_name: display_name.to_owned(),
            locale: String::new(),
        };
        self.0.lock().unwrap().contacts.insert(user.name(), contact);
        user
    }

    /// Whether identity cannot be asked.
    pub fn set_away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }
}

#[tonic::async_trait]
impl UserDirectoryService for People {
    async fn batch_get_contacts(
        &self,
        request: Request<BatchGetContactsRequest>,
    ) -> Result<Response<BatchGetContactsResponse>, Status> {
        let mut known = self.0.lock().unwrap();
        known.asked += 1;
        if known.away {
            return Err(Status::new(tonic::Code::Internal, "away"));
        }
        let names = request.into_inner().names;
        let contacts = names.iter().filter_map(|name| known.contacts.get(name).cloned()).collect();
        Ok(Response::new(BatchGetContactsResponse { contacts }))
    }
}

/// The service, and the people it writes to.
pub struct Post {
    pub people: People,
    pub app: Arc<App>,
    pub clock: ManualClock,
    pub folder: TempDir,
    _drain: DrainTrigger,
}

impl Post {
    pub async fn open(smtp: Option<SmtpSettings>) -> Self {
        Self::on(tempfile::tempdir().unwrap(), People::default(), smtp).await
    }

    /// On what is in `folder`.
    pub async fn on(folder: TempDir, people: People, smtp: Option<SmtpSettings>) -> Self {
        let (trigger, drain) = Drain::new();
        let routes = Routes::new(UserDirectoryServiceServer::new(people.clone()));
        let mesh = neighbor(&folder, ServiceName::Identity, routes, drain).await;
        let db = Db::open(&folder.path().join("notifications.db"), &MIGRATOR).await.unwrap();
        let clock = ManualClock::at(Timestamp(1_763_706_803_000_000));
        let app = Arc::new(App {
            db,
            clock: Arc::new(clock.clone()),
            identity: IdentityPeer(mesh.channel(ServiceName::Identity)),
            mailer: Mailer::new(smtp, folder.path()).unwrap(),
        });
        Self { people, app, clock, folder, _drain: trigger }
    }

    /// As the task does.
    pub async fn send_due(&self) -> Result<usize> {
        workflows::send_deliveries::send_due(&self.app).await
    }

    /// Queues an order's confirmation, as the event `event_id` would.
    pub async fn queue(&self, event_id: &str, to: &UserId) {
        let notice = Notice::to(&to.name(), "order-placed", "orders/o1").unwrap();
        let total = Fact::Total(Money::new(500, Currency::parse("USD").unwrap()));
        let facts = [Fact::OrderNumber("1007"), Fact::Items(2), total];
        let notice = facts.iter().try_fold(notice, |notice, fact| notice.with(fact)).unwrap();
        let job = (event_id.to_owned(), notice, self.clock.now());
        let queued = self
            .app
            .db
            .write(job, |tx, (event, notice, now)| Box::pin(deliveries::queue(tx, event, notice, *now)));
        queued.await.unwrap();
    }

    pub async fn log(&self) -> Vec<Delivery> {
        deliveries::list(&self.app.db, &Filter::default(), 100).await.unwrap().into_vec()
    }

    /// The files in the mail folder by name.
    pub fn mail(&self) -> Vec<(String, String)> {
        let files = std::fs::read_dir(self.folder.path().join("mail")).unwrap().map(|file| file.unwrap());
        let mut mail: Vec<_> = files
            .map(|file| {
                (file.file_name().into_string().unwrap(), std::fs::read_to_string(file.path()).unwrap())
            })
            .collect();
        mail.sort();
        mail
    }
}

/// Serves `routes` as a service, and answers a client of notifications that finds it.
async fn neighbor(folder: &TempDir, name: ServiceName, routes: Routes, drain: Drain) -> MeshClient {
    let identity = identities(folder);
    let server = MeshServer::builder(name, identity(Workload::Service(name)))
        .listen(SocketAddr::from(([127, 0, 0, 1], 0)))
        .routes(routes)
        .bind()
        .await
        .unwrap();
    server.health().set_serving().await;
    let directory = Directory::fixed([(name, vec![server.local_addr()])].into());
    tokio::spawn(server.serve(drain));
    MeshClient::new(identity(Workload::Service(ServiceName::Notifications)), directory, Metrics::default())
}

/// Issues identities of one authority.
fn identities(folder: &TempDir) -> impl Fn(Workload) -> Arc<Identity> {
    let path = folder.path().to_owned();
    let authority = CertificateAuthority::load_or_create(&path, &TrustDomain::default()).unwrap();
    move |workload| {
        let id = SpiffeId { trust_domain: TrustDomain::default(), workload };
        Identity::load(&authority.issue_to(&id, &path).unwrap()).unwrap()
    }
}
