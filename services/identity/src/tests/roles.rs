//! Granting and revoking roles, and the accounts a deployment starts with.

use shopmesh_mesh::server::RoleBinding;
use shopmesh_proto::{
    identity::v1 as pb,
    policy::{Role, v1 as wire},
};
use tonic::{Code, Response, Status};

use super::{PASSWORD, Running, by, code};
use crate::{
    IdentityHandle,
    domain::limits::MAX_BINDINGS,
    seed::{self, SeedUser},
};

fn binding(role: wire::Role, scope: &str) -> Option<pb::RoleBinding> {
    Some(pb::RoleBinding { role: role.into(), scope: scope.to_owned() })
}

async fn grant(running: &Running, user: &str, role: wire::Role, scope: &str) -> Result<pb::User, Status> {
    let request = pb::GrantRoleRequest { user: user.to_owned(), binding: binding(role, scope) };
    running.access().grant_role(request).await.map(Response::into_inner)
}

async fn revoke(running: &Running, user: &str, role: wire::Role, scope: &str) -> Result<pb::User, Status> {
    let request = pb::RevokeRoleRequest { user: user.to_owned(), binding: binding(role, scope) };
    running.access().revoke_role(request).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_granted_role_is_in_the_next_token_and_gone_after_it_is_revoked() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    let list = || pb::ListUsersRequest::default();
    assert_eq!(code(&running.users().list_users(by(&ann, list())).await), Code::PermissionDenied);
    for _ in 0..2 {
        let user = grant(&running, &ann.user, wire::Role::Operator, "").await.unwrap();
        assert_eq!(user.role_bindings.len(), 2);
    }
    let ann = running.refresh(&ann.refresh_token).await.unwrap();
    running.users().list_users(by(&ann, list())).await.unwrap();

    let bob = running.person("bob@example.com").await;
    grant(&running, &bob.user, wire::Role::Operator, "").await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            revoke(&running, &ann.user, wire::Role::Operator, "").await.unwrap().role_bindings.len(),
            1
        );
    }
    let ann = running.refresh(&ann.refresh_token).await.unwrap();
    assert_eq!(code(&running.users().list_users(by(&ann, list())).await), Code::PermissionDenied);
    assert_eq!(running.events(&ann.user).await, ["UserCreated", "RoleGranted", "RoleRevoked"]);
}

#[tokio::test]
async fn only_operators_grant() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    let request = pb::GrantRoleRequest { user: ann.user.clone(), binding: binding(wire::Role::Operator, "") };
    let mut edge = pb::access_service_client::AccessServiceClient::new(running.edge.clone());
    assert_eq!(code(&edge.grant_role(by(&ann, request.clone())).await), Code::PermissionDenied);
    assert_eq!(code(&edge.grant_role(request).await), Code::Unauthenticated);
}

#[tokio::test]
async fn the_last_operator_who_can_sign_in_keeps_the_role() {
    let running = Running::start().await;
    let (ann, bob) = (running.person("ann@example.com").await, running.person("bob@example.com").await);
    grant(&running, &ann.user, wire::Role::Operator, "").await.unwrap();
    assert_eq!(code(&revoke(&running, &ann.user, wire::Role::Operator, "").await), Code::FailedPrecondition);
    grant(&running, &bob.user, wire::Role::Operator, "").await.unwrap();
    running.suspend(&bob.user).await;
    assert_eq!(code(&revoke(&running, &ann.user, wire::Role::Operator, "").await), Code::FailedPrecondition);
}

#[tokio::test]
async fn wrong_grants_are_refused() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    for (role, scope) in [
        (wire::Role::Seller, ""),
        (wire::Role::Seller, "channels/us"),
        (wire::Role::Operator, "sellers/house"),
    ] {
        assert_eq!(code(&grant(&running, &ann.user, role, scope).await), Code::InvalidArgument);
    }
    let nobody = crate::ids::UserId::generate().name();
    assert_eq!(code(&grant(&running, &nobody, wire::Role::Operator, "").await), Code::NotFound);
}

#[tokio::test]
async fn the_largest_token_is_accepted() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    let seller = |number: usize| format!("sellers/{number:0>63}");
    for number in 1..MAX_BINDINGS {
        grant(&running, &ann.user, wire::Role::Seller, &seller(number)).await.unwrap();
    }
    let answer = grant(&running, &ann.user, wire::Role::Seller, &seller(MAX_BINDINGS)).await;
    assert_eq!(code(&answer), Code::FailedPrecondition);
    let ann = running.refresh(&ann.refresh_token).await.unwrap();
    assert_eq!(running.me(&ann).await.unwrap().role_bindings.len(), MAX_BINDINGS);
}

#[tokio::test]
async fn seeds_are_the_same_at_every_start() {
    let running = Running::start().await;
    let handle = IdentityHandle { app: running.app.clone() };
    let operator = RoleBinding { role: Role::Operator, scope: String::new() };
    let seed = |password: &str, bindings| SeedUser {
        email: "Demo.Operator@example.com".to_owned(),
        password: password.to_owned(),
        display_name: "Demo".to_owned(),
        bindings,
    };
    let first = seed::ensure(&handle, &[seed(PASSWORD, vec![])]).await.unwrap();
    for _ in 0..2 {
        let again = [seed("another password", vec![operator.clone()])];
        assert_eq!(seed::ensure(&handle, &again).await.unwrap(), first);
    }
    assert_eq!(running.events(&first[0]).await, ["UserCreated", "RoleGranted"]);
    let tokens = running.sign_in("demo.operator@example.com", PASSWORD).await.unwrap();
    assert_eq!(running.me(&tokens).await.unwrap().role_bindings.len(), 2);
    assert!(seed::ensure(&handle, &[seed("short", vec![])]).await.is_ok(), "it exists");
    let refused = SeedUser { email: "other@example.com".to_owned(), ..seed("short", vec![]) };
    assert!(seed::ensure(&handle, &[refused]).await.is_err());
}
