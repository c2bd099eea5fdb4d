//! Refresh tokens: each is good for one use, and a second use ends the session.

use shopmesh_kit::{db::sql, events, events::Envelope};
use shopmesh_proto::identity::v1::{self as pb, SessionRevocationReason, SessionRevoked};
use tonic::Code;

use super::{PASSWORD, Running, after, code};
use crate::{
    domain::limits::{REFRESH_GRACE, REFRESH_LIFETIME},
    ids::SessionId,
    store::sessions,
    workflows::housekeeping,
};

/// The reasons of the user's ended sessions.
async fn revocations(running: &Running, user: &str) -> Vec<SessionRevocationReason> {
    let events = events::stream_of(&running.app.db, user).await.unwrap();
    let revoked = |event: &Envelope| events::decode::<SessionRevoked>(event).unwrap();
    events.iter().filter_map(revoked).map(|event| event.reason()).collect()
}

#[tokio::test]
async fn each_refresh_gives_the_next_token_and_spends_the_last() {
    let running = Running::start().await;
    let first = running.person("ann@example.com").await;
    let second = running.refresh(&first.refresh_token).await.unwrap();
    let third = running.refresh(&second.refresh_token).await.unwrap();
    assert_eq!((&third.user, third.token_type.as_str()), (&first.user, "Bearer"));
    assert_eq!(third.expires_in.unwrap().seconds, 300);
    assert_eq!(running.me(&third).await.unwrap().name, first.user);
    assert_eq!(code(&running.refresh("rt_unknown").await), Code::Unauthenticated);
}

#[tokio::test]
async fn reuse_ends_the_session_for_thief_and_owner_but_no_other_session() {
    let running = Running::start().await;
    let first = running.person("ann@example.com").await;
    let other = running.sign_in("ann@example.com", PASSWORD).await.unwrap();
    let second = running.refresh(&first.refresh_token).await.unwrap();
    running.clock.advance(after(REFRESH_GRACE));

    assert_eq!(code(&running.refresh(&first.refresh_token).await), Code::Unauthenticated);
    assert_eq!(code(&running.refresh(&second.refresh_token).await), Code::Unauthenticated);
    assert_eq!(code(&running.me(&second).await), Code::Unauthenticated);
    assert_eq!(revocations(&running, &first.user).await, [SessionRevocationReason::TokenReused]);
    running.refresh(&other.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_long_session_keeps_its_last_tokens_only() {
    let running = Running::start().await;
    let mut tokens = running.person("ann@example.com").await;
    let mut given = Vec::new();
    for _ in 0..5 {
        given.push(tokens.refresh_token.clone());
        tokens = running.refresh(&tokens.refresh_token).await.unwrap();
        running.clock.advance(after(REFRESH_GRACE));
    }
    let row = sql("SELECT id FROM sessions").one(&running.app.db).await.unwrap();
    let session = SessionId::stored(&row.text("id").unwrap()).unwrap();
    let forget =
        running.app.db.write(session, |tx, session| Box::pin(sessions::forget_spent(tx, session, 2)));
    forget.await.unwrap();
    let left = sql("SELECT token_hash FROM refresh_tokens").all(&running.app.db).await.unwrap();
    assert_eq!(left.len(), 3, "two that are spent, and the next");
    // What is forgotten is refused; what is remembered is reuse.
    assert_eq!(code(&running.refresh(&given[0]).await), Code::Unauthenticated);
    let tokens = running.refresh(&tokens.refresh_token).await.unwrap();
    assert_eq!(code(&running.refresh(&given[4]).await), Code::Unauthenticated);
    assert_eq!(code(&running.refresh(&tokens.refresh_token).await), Code::Unauthenticated);
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_both_go_on() {
    let running = Running::start().await;
    let tokens = running.person("ann@example.com").await;
    let (one, other) =
        tokio::join!(running.refresh(&tokens.refresh_token), running.refresh(&tokens.refresh_token));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.refresh_token, other.refresh_token, "whichever tab is the last to store it");
    for tab in [&one, &other] {
        running.me(tab).await.unwrap();
    }
    let (one, other) =
        (running.refresh(&one.refresh_token).await, running.refresh(&other.refresh_token).await);
    assert_eq!(one.unwrap().refresh_token, other.unwrap().refresh_token);
    // Half a minute later an answer that was lost can still be had again.
    let running_late = running.person("bob@example.com").await;
    let lost = running.refresh(&running_late.refresh_token).await.unwrap();
    running.clock.advance(REFRESH_GRACE);
    assert_eq!(running.refresh(&running_late.refresh_token).await.unwrap().refresh_token, lost.refresh_token);
    let stored =
        shopmesh_kit::db::sql("SELECT token_hash FROM refresh_tokens").all(&running.app.db).await.unwrap();
    assert_eq!(stored.len(), 5, "repeats store nothing");
}

#[tokio::test]
async fn a_thief_who_is_as_quick_as_a_tab_is_still_found_out() {
    let running = Running::start().await;
    let stolen = running.person("ann@example.com").await;
    let owner = running.refresh(&stolen.refresh_token).await.unwrap();
    let thief = running.refresh(&stolen.refresh_token).await.unwrap();
    // The next use of one shows the other, who comes later.
    let owner = running.refresh(&owner.refresh_token).await.unwrap();
    running.clock.advance(after(REFRESH_GRACE));
    assert_eq!(code(&running.refresh(&thief.refresh_token).await), Code::Unauthenticated);
    assert_eq!(code(&running.refresh(&owner.refresh_token).await), Code::Unauthenticated);
    assert_eq!(revocations(&running, &stolen.user).await, [SessionRevocationReason::TokenReused]);
}

#[tokio::test]
async fn a_token_whose_successor_was_used_is_reused_at_once() {
    let running = Running::start().await;
    let first = running.person("ann@example.com").await;
    let second = running.refresh(&first.refresh_token).await.unwrap();
    let third = running.refresh(&second.refresh_token).await.unwrap();
    assert_eq!(code(&running.refresh(&first.refresh_token).await), Code::Unauthenticated);
    assert_eq!(code(&running.refresh(&third.refresh_token).await), Code::Unauthenticated);
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once_and_is_idempotent() {
    let running = Running::start().await;
    let tokens = running.person("ann@example.com").await;
    for _ in 0..2 {
        let request = pb::SignOutRequest { refresh_token: tokens.refresh_token.clone() };
        running.auth().sign_out(request).await.unwrap();
    }
    assert_eq!(code(&running.me(&tokens).await), Code::Unauthenticated);
    assert_eq!(code(&running.refresh(&tokens.refresh_token).await), Code::Unauthenticated);
    assert_eq!(revocations(&running, &tokens.user).await, [SessionRevocationReason::SignedOut]);
}

#[tokio::test]
async fn an_unused_session_expires_and_a_suspended_account_refreshes_nothing() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    running.clock.advance(REFRESH_LIFETIME / 2);
    let ann = running.refresh(&ann.refresh_token).await.unwrap();
    running.clock.advance(REFRESH_LIFETIME / 2);
    let ann = running.refresh(&ann.refresh_token).await.unwrap();
    running.suspend(&ann.user).await;
    assert_eq!(code(&running.refresh(&ann.refresh_token).await), Code::Unauthenticated);

    let bob = running.person("bob@example.com").await;
    running.clock.advance(after(REFRESH_LIFETIME));
    assert_eq!(code(&running.refresh(&bob.refresh_token).await), Code::Unauthenticated);
    housekeeping::once(&running.app).await.unwrap();
    let left =
        shopmesh_kit::db::sql("SELECT token_hash FROM refresh_tokens").all(&running.app.db).await.unwrap();
    assert!(left.is_empty(), "tokens go with their sessions");
}
