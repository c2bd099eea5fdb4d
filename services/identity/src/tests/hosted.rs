//! The service as a process runs it, and its tokens as other services check them.

use std::{sync::Arc, time::Duration};

use shopmesh_kit::{
    ServiceName,
    clock::{Clock, SystemClock},
    service::{Hosted, ServiceEnv, ServiceHost},
    settings::Settings,
};
use shopmesh_mesh::{
    client::MeshClient,
    discovery::Directory,
    net::Drain,
    server::{JwksVerifier, TokenError, TokenVerifier},
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain, Workload},
};
use shopmesh_proto::{
    identity::v1::{SignInRequest, SignUpRequest, auth_service_client, user_service_client},
    policy::Role,
};

use super::PASSWORD;

#[tokio::test]
async fn other_services_check_tokens_with_the_published_keys() {
    let folder = tempfile::tempdir().unwrap();
    let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
    let identity = |workload| {
        let id = SpiffeId { trust_domain: TrustDomain::default(), workload };
        Identity::load(&authority.issue_to(&id, folder.path()).unwrap()).unwrap()
    };
    let mesh = |workload, directory| MeshClient::new(identity(workload), directory, Metrics::default());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let nowhere = mesh(Workload::Service(ServiceName::Identity), Directory::fixed([].into()));
    let env = ServiceEnv {
        service: ServiceName::Identity,
        data_dir: folder.path().join("identity"),
        clock: clock.clone(),
        mesh: nowhere.clone(),
        settings: Settings::default(),
        metrics: Metrics::default(),
    };
    let (service, _handle) = crate::build(env).await.unwrap();
    let host = ServiceHost::start(vec![Hosted {
        service,
        listen: ([127, 0, 0, 1], 0).into(),
        identity: identity(Workload::Service(ServiceName::Identity)),
        mesh: nowhere,
        metrics: Metrics::default(),
        clock,
    }]);
    let host = host.await.unwrap();
    let places = host.addresses().iter().map(|(name, address)| (*name, vec![*address])).collect();
    let directory = Directory::fixed(places);

    let edge = mesh(Workload::Edge("main".into()), directory.clone()).channel(ServiceName::Identity);
    let mut users = user_service_client::UserServiceClient::new(edge.clone());
    let (email, password) = ("ann@example.com".to_owned(), PASSWORD.to_owned());
    let sign_up = SignUpRequest { email: email.clone(), password: password.clone(), ..Default::default() };
    users.sign_up(sign_up).await.unwrap();
    let mut auth = auth_service_client::AuthServiceClient::new(edge);
    let tokens = auth.sign_in(SignInRequest { email, password }).await.unwrap().into_inner();

    let orders = Arc::new(JwksVerifier::new(mesh(Workload::Service(ServiceName::Orders), directory)));
    let (_trigger, following) = Drain::new();
    let follower = orders.clone();
    tokio::spawn(async move { follower.follow(following).await });
    let claims = orders.verify(&tokens.access_token).await.unwrap();
    assert_eq!((claims.subject, claims.bindings[0].role), (tokens.user, Role::Shopper));
    let changed = tokens.access_token.replace('.', "x.");
    assert_eq!(orders.verify(&changed).await, Err(TokenError::Invalid));
    assert!(host.drain(Duration::from_secs(10)).await, "it ends in time");
}
