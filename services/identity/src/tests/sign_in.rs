//! Signing in: one answer for everything that is wrong, and a limit to guessing.

use std::time::Duration;

use shopmesh_proto::identity::v1 as pb;
use tonic::Code;

use super::{PASSWORD, Running, after, by, code};
use crate::domain::limits::{ATTEMPT_WINDOW, MAX_ATTEMPTS, MAX_SESSIONS};

#[tokio::test]
async fn everything_that_is_wrong_answers_the_same() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    let eve = running.person("eve@example.com").await;
    running.suspend(&eve.user).await;
    let mut answers = Vec::new();
    for (email, password) in [
        ("ann@example.com", "a wrong password"),
        ("nobody@example.com", PASSWORD),
        ("eve@example.com", PASSWORD),
        ("no address at all", PASSWORD),
        ("ann@example.com' OR 1=1 --", PASSWORD),
    ] {
        let status = running.sign_in(email, password).await.unwrap_err();
        answers.push((status.code(), status.message().to_owned(), status.details().to_vec()));
    }
    assert_eq!(answers[0].0, Code::Unauthenticated);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn after_ten_wrong_passwords_the_right_one_is_refused_for_a_while() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    for attempt in 0..MAX_ATTEMPTS {
        assert_eq!(
            code(&running.sign_in("ann@example.com", &format!("wrong {attempt}")).await),
            Code::Unauthenticated
        );
    }
    let locked = running.sign_in("Ann@Example.com", PASSWORD).await.unwrap_err();
    let wrong = running.sign_in("nobody@example.com", PASSWORD).await.unwrap_err();
    assert_eq!((locked.code(), locked.message()), (wrong.code(), wrong.message()));
    // Guessing on does not prolong it.
    running.clock.advance(ATTEMPT_WINDOW / 2);
    assert_eq!(code(&running.sign_in("ann@example.com", PASSWORD).await), Code::Unauthenticated);
    running.clock.advance(after(ATTEMPT_WINDOW / 2));
    running.sign_in("ann@example.com", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn guesses_side_by_side_are_all_counted() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    let guesses: Vec<_> = (0..MAX_ATTEMPTS)
        .map(|guess| {
            let mut client = running.auth();
            let request =
                pb::SignInRequest { email: "ann@example.com".to_owned(), password: format!("wrong {guess}") };
            tokio::spawn(async move { client.sign_in(request).await })
        })
        .collect();
    for guess in guesses {
        assert_eq!(code(&guess.await.unwrap()), Code::Unauthenticated);
    }
    assert_eq!(code(&running.sign_in("ann@example.com", PASSWORD).await), Code::Unauthenticated);
}

#[tokio::test]
async fn a_right_password_forgives_the_wrong_ones_before() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    for _ in 0..2 {
        for attempt in 1..MAX_ATTEMPTS {
            let _ = running.sign_in("ann@example.com", &format!("wrong {attempt}")).await;
        }
        running.sign_in("ann@example.com", PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn sessions_are_listed_newest_first_and_the_oldest_gives_way() {
    let running = Running::start().await;
    let first = running.person("ann@example.com").await;
    // Less than the clocks of issuer and verifier may differ.
    running.clock.advance(Duration::from_secs(2));
    let second = running.sign_in("ann@example.com", PASSWORD).await.unwrap();
    let list = async |tokens: &pb::TokenSet| {
        let request = by(tokens, pb::ListSessionsRequest {});
        running.auth().list_sessions(request).await.map(|answer| answer.into_inner().sessions)
    };
    let sessions = list(&second).await.unwrap();
    assert_eq!(sessions.len(), 2);
    assert!(sessions[0].create_time.unwrap().seconds > sessions[1].create_time.unwrap().seconds);
    assert_eq!(code(&running.auth().list_sessions(pb::ListSessionsRequest {}).await), Code::Unauthenticated);

    // Signing in a hundred times takes too long here: rows do.
    let user = crate::ids::UserId::parse(&first.user).unwrap();
    let now = shopmesh_kit::clock::Clock::now(&running.clock);
    let open = running.app.db.write((user, now), |tx, (user, now)| {
        Box::pin(async move {
            for _ in 0..MAX_SESSIONS - 1 {
                let session = crate::store::sessions::Session {
                    id: crate::ids::SessionId::generate(),
                    user: user.clone(),
                    created: *now,
                    last_used: *now,
                    expires: *now + Duration::from_secs(60),
                };
                crate::store::sessions::insert(&mut *tx, &session, MAX_SESSIONS).await?;
            }
            Ok::<_, shopmesh_kit::Error>(())
        })
    });
    open.await.unwrap();
    assert_eq!(code(&running.me(&first).await), Code::Unauthenticated);
    assert_eq!(code(&running.refresh(&first.refresh_token).await), Code::Unauthenticated);
    assert_eq!(list(&second).await.unwrap().len(), 100);
}
