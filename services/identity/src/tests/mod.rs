//! This service as a whole: its RPCs over the real mesh (mutual TLS, policy, validation), its database and its keys.

mod accounts;
mod forged_tokens;
mod hosted;
mod keys;
mod old_rows;
mod profiles;
mod refresh;
mod revocation;
mod roles;
mod sign_in;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use shopmesh_kit::{
    clock::{Clock, ManualClock, SystemClock},
    db::{Db, Migrator},
    events::{self, Envelope},
    sealed::Sealer,
};
use shopmesh_mesh::{
    ServiceName,
    client::{MeshChannel, MeshClient},
    discovery::Directory,
    net::{Drain, DrainTrigger},
    server::MeshServer,
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain, Workload},
};
use shopmesh_proto::identity::v1::{
    self as pb, access_service_client::AccessServiceClient, auth_service_client::AuthServiceClient,
    user_directory_service_client::UserDirectoryServiceClient, user_service_client::UserServiceClient,
};
use tempfile::TempDir;
use tonic::{Code, Request, Response, Status};

use crate::{
    IdentityHandle,
    app::App,
    config::Config,
    domain::user::{User, UserState},
    grpc,
    ids::UserId,
    store::{MIGRATOR, users},
};

pub const PASSWORD: &str = "correct horse battery";

/// The running service, reached as the edge, an operator and a neighbor would.
pub struct Running {
    pub app: Arc<App>,
    pub clock: ManualClock,
    edge: MeshChannel,
    operator: MeshChannel,
    neighbor: MeshClient,
    _drain: DrainTrigger,
    pub folder: TempDir,
}

impl Running {
    pub async fn start() -> Self {
        // Tokens are checked against the clock of the machine.
        Self::start_in(tempfile::tempdir().unwrap(), ManualClock::at(SystemClock.now())).await
    }

    /// The service on what is in `folder`, served.
    pub async fn start_in(folder: TempDir, clock: ManualClock) -> Self {
        let app = Arc::new(open(&folder, &clock).await);
        let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
        let identity = |workload| {
            let id = SpiffeId { trust_domain: TrustDomain::default(), workload };
            Identity::load(&authority.issue_to(&id, folder.path()).unwrap()).unwrap()
        };
        let (trigger, drain) = Drain::new();
        let server =
            MeshServer::builder(ServiceName::Identity, identity(Workload::Service(ServiceName::Identity)))
                .listen(SocketAddr::from(([127, 0, 0, 1], 0)))
                .routes(grpc::routes(app.clone()))
                .tokens(IdentityHandle { app: app.clone() }.token_verifier())
                .bind()
                .await
                .unwrap();
        server.health().set_serving().await;
        let directory = Directory::fixed([(ServiceName::Identity, vec![server.local_addr()])].into());
        tokio::spawn(server.serve(drain));
        let mesh = |workload| MeshClient::new(identity(workload), directory.clone(), Metrics::default());
        let channel = |workload| mesh(workload).channel(ServiceName::Identity);
        Self {
            edge: channel(Workload::Edge("main".into())),
            operator: channel(Workload::Operator("cli".into())),
            neighbor: mesh(Workload::Service(ServiceName::Notifications)),
            app,
            clock,
            _drain: trigger,
            folder,
        }
    }

    pub fn users(&self) -> UserServiceClient<MeshChannel> {
        UserServiceClient::new(self.edge.clone())
    }

    pub fn auth(&self) -> AuthServiceClient<MeshChannel> {
        AuthServiceClient::new(self.edge.clone())
    }

    pub fn directory(&self) -> UserDirectoryServiceClient<MeshChannel> {
        UserDirectoryServiceClient::new(self.neighbor.channel(ServiceName::Identity))
    }

    /// Roles, as an operator with a certificate and no token.
    pub fn access(&self) -> AccessServiceClient<MeshChannel> {
        AccessServiceClient::new(self.operator.clone())
    }

    /// Accounts, as an operator with a certificate and no token.
    pub fn users_as_operator(&self) -> UserServiceClient<MeshChannel> {
        UserServiceClient::new(self.operator.clone())
    }

    pub async fn sign_up(&self, email: &str, password: &str) -> Result<pb::SignUpResponse, Status> {
        let request = pb::SignUpRequest {
            email: email.to_owned(),
            password: password.to_owned(),
            display_name: "Ann Example".to_owned(),
            locale: "en-US".to_owned(),
        };
        self.users().sign_up(request).await.map(Response::into_inner)
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Result<pb::TokenSet, Status> {
        self.sign_in_from("192.0.2.1", email, password).await
    }

    /// From a client at this address, as the edge reports it.
    pub async fn sign_in_from(
        &self,
        address: &str,
        email: &str,
        password: &str,
    ) -> Result<pb::TokenSet, Status> {
        let message = pb::SignInRequest { email: email.to_owned(), password: password.to_owned() };
        let mut request = Request::new(message);
        request.metadata_mut().insert("x-forwarded-for", address.parse().unwrap());
        self.auth().sign_in(request).await.map(Response::into_inner)
    }

    /// A signed-in person with an account of their own.
    pub async fn person(&self, email: &str) -> pb::TokenSet {
        self.sign_up(email, PASSWORD).await.unwrap();
        self.sign_in(email, PASSWORD).await.unwrap()
    }

    pub async fn refresh(&self, token: &str) -> Result<pb::TokenSet, Status> {
        let request = pb::RefreshSessionRequest { refresh_token: token.to_owned() };
        self.auth().refresh_session(request).await.map(Response::into_inner)
    }

    pub async fn me(&self, tokens: &pb::TokenSet) -> Result<pb::User, Status> {
        let request = by(tokens, pb::GetUserRequest { name: "users/me".to_owned() });
        self.users().get_user(request).await.map(Response::into_inner)
    }

    pub async fn suspend(&self, user: &str) {
        let job = (self.app.sealer.clone(), UserId::parse(user).unwrap(), self.clock.now());
        let suspend = self.app.db.write(job, |tx, (sealer, user, now)| {
            Box::pin(async move {
                let user = users::load(&mut *tx, sealer, user).await?;
                let state = UserState::Suspended;
                let suspended = User { state, version: user.version + 1, updated: *now, ..user.clone() };
                users::update(tx, sealer, &suspended, user.version).await
            })
        });
        suspend.await.unwrap();
    }

    /// Short names of the events about `subject`, in order.
    pub async fn events(&self, subject: &str) -> Vec<String> {
        let events = events::stream_of(&self.app.db, subject).await.unwrap();
        events.iter().map(short_name).collect()
    }
}

/// The service on what is in `folder`.
pub async fn open(folder: &TempDir, clock: &ManualClock) -> App {
    open_with(&MIGRATOR, folder, clock).await
}

async fn open_with(migrator: &'static Migrator, folder: &TempDir, clock: &ManualClock) -> App {
    let db = Db::open(&folder.path().join("identity.db"), migrator).await.unwrap();
    let sealer = Sealer::open_in(&db, folder.path(), "identity").await.unwrap();
    App::open(db, sealer, Arc::new(clock.clone()), Config::default()).await.unwrap()
}

fn short_name(event: &Envelope) -> String {
    events::type_name(event).rsplit('.').next().unwrap().to_owned()
}

/// A request with the access token of `tokens`.
pub fn by<T>(tokens: &pb::TokenSet, message: T) -> Request<T> {
    bearing(&tokens.access_token, message)
}

/// A request with this access token.
pub fn bearing<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

pub fn code<T>(answer: &Result<T, Status>) -> Code {
    answer.as_ref().err().map_or(Code::Ok, Status::code)
}

/// A little more than `time`.
pub fn after(time: Duration) -> Duration {
    time + Duration::from_secs(1)
}
