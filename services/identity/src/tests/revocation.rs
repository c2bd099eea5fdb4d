//! What is taken from somebody is gone elsewhere within two seconds.

use std::{sync::Arc, time::Duration};

use shopmesh_kit::db::sql;
use shopmesh_mesh::{
    ServiceName,
    net::{Drain, DrainTrigger},
    server::{JwksVerifier, TokenError, TokenVerifier},
};
use shopmesh_proto::{
    identity::v1::{self as pb, revocation_service_client::RevocationServiceClient},
    policy::v1::Role,
};
use tonic::Code;

use super::{PASSWORD, Running, after, by, code, open};
use crate::{
    domain::{
        limits::{ACCESS_LIFETIME, MAX_SESSIONS, REVOCATION_GRACE},
        revocation::Revocation,
    },
    ids::{SessionId, UserId},
    store::revocations,
    workflows::housekeeping,
};

const SOON: Duration = Duration::from_secs(2);

/// Another service, as far as it checks tokens.
struct Neighbor {
    verifier: Arc<JwksVerifier>,
    _following: DrainTrigger,
}

impl Neighbor {
    fn of(running: &Running) -> Self {
        let verifier = Arc::new(JwksVerifier::new(running.neighbor.clone()));
        let (trigger, drain) = Drain::new();
        let following = verifier.clone();
        tokio::spawn(async move { following.follow(drain).await });
        Self { verifier, _following: trigger }
    }

    async fn takes(&self, tokens: &pb::TokenSet) -> bool {
        match self.verifier.verify(&tokens.access_token).await {
            Ok(_) => true,
            Err(TokenError::Invalid) => false,
            Err(other) => panic!("{other}"),
        }
    }

    async fn refuses_soon(&self, tokens: &pb::TokenSet) {
        let polling = async {
            while self.takes(tokens).await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(SOON, polling).await.is_ok(), "it is still taken");
    }
}

async fn sign_out(running: &Running, tokens: &pb::TokenSet) {
    let request = pb::SignOutRequest { refresh_token: tokens.refresh_token.clone() };
    running.auth().sign_out(request).await.unwrap();
}

fn role(user: &str, role: Role, scope: &str) -> (String, Option<pb::RoleBinding>) {
    (user.to_owned(), Some(pb::RoleBinding { role: role.into(), scope: scope.to_owned() }))
}

#[tokio::test]
async fn signing_out_reaches_every_service_and_those_that_start_later() {
    let running = Running::start().await;
    let (one, other) = (Neighbor::of(&running), Neighbor::of(&running));
    let ann = running.person("ann@example.com").await;
    let on_her_phone = running.sign_in("ann@example.com", PASSWORD).await.unwrap();
    assert!(one.takes(&ann).await && other.takes(&ann).await);
    sign_out(&running, &ann).await;
    one.refuses_soon(&ann).await;
    other.refuses_soon(&ann).await;
    assert!(!Neighbor::of(&running).takes(&ann).await, "not even its first token");
    assert!(one.takes(&on_her_phone).await, "only that session has ended");
}

#[tokio::test]
async fn a_role_that_is_revoked_is_gone_here_and_elsewhere() {
    let running = Running::start().await;
    let neighbor = Neighbor::of(&running);
    let ann = running.person("ann@example.com").await;
    for (held, scope) in [(Role::Seller, "sellers/house"), (Role::Operator, "")] {
        for user in [&ann.user, &running.person(&format!("{held:?}@example.com")).await.user] {
            let (user, binding) = role(user, held, scope);
            running.access().grant_role(pb::GrantRoleRequest { user, binding }).await.unwrap();
        }
        let before = running.sign_in("ann@example.com", PASSWORD).await.unwrap();
        assert!(neighbor.takes(&before).await);
        let (user, binding) = role(&ann.user, held, scope);
        running.access().revoke_role(pb::RevokeRoleRequest { user, binding }).await.unwrap();
        let list = by(&before, pb::ListUsersRequest::default());
        assert_eq!(code(&running.users().list_users(list).await), Code::Unauthenticated, "here at once");
        neighbor.refuses_soon(&before).await;
        let now = running.refresh(&before.refresh_token).await.unwrap();
        let claims = neighbor.verifier.verify(&now.access_token).await.unwrap();
        assert_eq!(claims.bindings.len(), 1, "the session goes on without it");
    }
}

#[tokio::test]
async fn a_suspended_account_a_reused_token_and_a_displaced_session() {
    let running = Running::start().await;
    let neighbor = Neighbor::of(&running);
    let ann = running.person("ann@example.com").await;
    assert!(neighbor.takes(&ann).await);
    running.suspend(&ann.user).await;
    neighbor.refuses_soon(&ann).await;

    let bob = running.person("bob@example.com").await;
    let next = running.refresh(&bob.refresh_token).await.unwrap();
    assert!(neighbor.takes(&next).await);
    running.clock.advance(Duration::from_secs(3));
    let last = running.refresh(&next.refresh_token).await.unwrap();
    assert_eq!(code(&running.refresh(&bob.refresh_token).await), Code::Unauthenticated);
    neighbor.refuses_soon(&last).await;

    let eve = running.person("eve@example.com").await;
    assert!(neighbor.takes(&eve).await);
    for _ in 1..MAX_SESSIONS {
        // As old as a session can be made to look; signing in a hundred times takes too long here.
        let user = UserId::parse(&eve.user).unwrap();
        let row = (SessionId::generate(), user, shopmesh_kit::clock::Clock::now(&running.clock));
        let insert = running.app.db.write(row, |tx, (session, user, now)| {
            let insert = sql("INSERT INTO sessions (id, user_id, created, last_used, expires)
                 VALUES ($1, $2, $3, $3, $3)");
            Box::pin(insert.bind(session).bind(user).bind(*now).execute(tx))
        });
        insert.await.unwrap();
    }
    running.sign_in("eve@example.com", PASSWORD).await.unwrap();
    neighbor.refuses_soon(&eve).await;
    assert_eq!(running.events(&eve.user).await, ["UserCreated", "SessionRevoked"]);
}

#[tokio::test]
async fn the_list_survives_a_restart_and_forgets_what_has_expired() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    sign_out(&running, &ann).await;
    let again = open(&running.folder, &running.clock).await;
    let list = revocations::after(&again.db, 0, 10).await.unwrap();
    assert_eq!(list.len(), 1);
    running.clock.advance(ACCESS_LIFETIME);
    housekeeping::once(&running.app).await.unwrap();
    assert_eq!(revocations::after(&again.db, 0, 10).await.unwrap(), list);
    running.clock.advance(after(REVOCATION_GRACE));
    housekeeping::once(&running.app).await.unwrap();
    assert!(revocations::after(&again.db, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn positions_grow_and_one_from_another_life_begins_again() {
    let running = Running::start().await;
    let now = shopmesh_kit::clock::Clock::now(&running.clock);
    let fill = running.app.db.write(now, |tx, now| {
        Box::pin(async move {
            for number in 0..3 {
                revocations::insert(&mut *tx, &format!("sessions/{number}"), 0, *now).await?;
            }
            Ok::<_, shopmesh_kit::db::DbError>(())
        })
    });
    fill.await.unwrap();
    let list = revocations::after(&running.app.db, 0, 2).await.unwrap();
    assert_eq!(list.iter().map(|entry| entry.position - now.0).collect::<Vec<_>>(), [0, 1]);
    let after = async |position| {
        let mut client = RevocationServiceClient::new(running.neighbor.channel(ServiceName::Identity));
        let request = pb::ReadRevocationsRequest { after: position, page_size: 10, wait_ms: 0 };
        client.read_revocations(request).await.unwrap().into_inner().revocations.len()
    };
    let Revocation { position, .. } = list[1];
    assert_eq!((after(0).await, after(position).await, after(position + 1).await), (3, 1, 0));
    assert_eq!(after(position + 2).await, 3, "a list that was restored from a backup");
}
