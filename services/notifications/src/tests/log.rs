//! The delivery log and the templates, as people and operators see them over the mesh.

use std::net::SocketAddr;

use shopmesh_kit::{BoxFuture, ServiceName};
use shopmesh_mesh::{
    client::{MeshChannel, MeshClient},
    discovery::Directory,
    net::{Drain, DrainTrigger},
    server::{Claims, MeshServer, RoleBinding, TokenError, TokenVerifier},
    telemetry::Metrics,
    workload::Workload,
};
use shopmesh_proto::{
    notifications::v1::{self as pb, notification_service_client::NotificationServiceClient},
    policy::Role,
};
use tonic::{Code, Request};

use super::{Post, identities};
use crate::{grpc, ids::UserId};

/// Takes the user's name for a token.
struct NamesAsTokens;

impl TokenVerifier for NamesAsTokens {
    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Claims, TokenError>> {
        let claims = Claims {
            subject: token.to_owned(),
            session: String::new(),
            bindings: vec![RoleBinding { role: Role::Shopper, scope: String::new() }],
            account_version: 1,
            expires_at: i64::MAX,
        };
        Box::pin(async move { Ok(claims) })
    }
}

type Client = NotificationServiceClient<MeshChannel>;

/// Serves the log of `post`; answers clients that come through the edge, and as an operator.
async fn serve(post: &Post) -> (Client, Client, DrainTrigger) {
    let identity = identities(&post.folder);
    let name = ServiceName::Notifications;
    let server = MeshServer::builder(name, identity(Workload::Service(name)))
        .listen(SocketAddr::from(([127, 0, 0, 1], 0)))
        .routes(grpc::routes(post.app.clone()))
        .tokens(std::sync::Arc::new(NamesAsTokens))
        .bind()
        .await
        .unwrap();
    server.health().set_serving().await;
    let directory = Directory::fixed([(name, vec![server.local_addr()])].into());
    let (trigger, drain) = Drain::new();
    tokio::spawn(server.serve(drain));
    let client = |workload| {
        let mesh = MeshClient::new(identity(workload), directory.clone(), Metrics::default());
        Client::new(mesh.channel(name))
    };
    (client(Workload::Edge("main".into())), client(Workload::Operator("cli".into())), trigger)
}

fn by<T>(user: &UserId, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {}", user.name()).parse().unwrap());
    request
}

#[tokio::test]
async fn people_see_their_own_and_operators_all() {
    let post = Post::open(None).await;
    let (ann, bob) = (post.people.add("ann@example.com", "Ann"), post.people.add("bob@example.com", "Bob"));
    for (event, to) in [("evt_1", &ann), ("evt_2", &bob), ("evt_3", &ann), ("evt_4", &ann)] {
        post.queue(event, to).await;
    }
    post.send_due().await.unwrap();
    let (mut edge, mut operator, _drain) = serve(&post).await;
    let all = pb::ListDeliveriesRequest::default();
    let own = edge.list_deliveries(by(&ann, all.clone())).await.unwrap().into_inner().deliveries;
    assert_eq!(own.len(), 3);
    assert!(own.iter().all(|delivery| delivery.recipient == ann.name()));
    assert!(own.is_sorted_by(|newer, older| newer.name > older.name));
    assert_eq!((own[0].state(), own[0].template.as_str()), (pb::DeliveryState::Sent, "order-placed"));
    assert!(own[0].send_time.is_some());
    assert_eq!(edge.list_deliveries(all.clone()).await.unwrap_err().code(), Code::Unauthenticated);

    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let page = pb::ListDeliveriesRequest { page_size: 3, page_token: page_token.clone(), ..all.clone() };
        let page = operator.list_deliveries(page).await.unwrap().into_inner();
        seen.extend(page.deliveries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        let other = pb::ListDeliveriesRequest { page_token: page_token.clone(), ..all.clone() };
        let refused = edge.list_deliveries(by(&ann, other)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "the token belongs to the operator's list");
    }
    assert_eq!(seen.len(), 4);
    let about =
        |subject: &str| pb::ListDeliveriesRequest { subject_resource: subject.to_owned(), ..all.clone() };
    let of_order = edge.list_deliveries(by(&bob, about("orders/o1"))).await.unwrap().into_inner();
    assert_eq!(of_order.deliveries.len(), 1);
    let of_other = operator.list_deliveries(about("orders/o2")).await.unwrap().into_inner();
    assert!(of_other.deliveries.is_empty());
}

#[tokio::test]
async fn templates_are_for_operators() {
    let post = Post::open(None).await;
    let ann = post.people.add("ann@example.com", "Ann");
    let (mut edge, mut operator, _drain) = serve(&post).await;
    let refused = edge.list_templates(by(&ann, pb::ListTemplatesRequest {})).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let templates =
        operator.list_templates(pb::ListTemplatesRequest {}).await.unwrap().into_inner().templates;
    for template in &templates {
        let variables = template.variables.iter();
        let variables = variables.map(|key| pb::TemplateVariable { key: key.clone(), value: "x".to_owned() });
        let request =
            pb::RenderTemplateRequest { name: template.name.clone(), variables: variables.collect() };
        operator.render_template(request.clone()).await.unwrap();
        let other = pb::TemplateVariable { key: "name".to_owned(), value: "x".to_owned() };
        let more =
            pb::RenderTemplateRequest { variables: [request.variables, vec![other]].concat(), ..request };
        assert_eq!(operator.render_template(more).await.unwrap_err().code(), Code::InvalidArgument);
    }
    assert_eq!(templates.len(), 7);
}
