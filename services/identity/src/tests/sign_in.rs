//! Signing in: one answer for everything that is wrong, and a limit to guessing.

use std::time::{Duration, Instant};

use shopmesh_kit::clock::Clock;
use shopmesh_proto::identity::v1 as pb;
use tonic::Code;

use super::{PASSWORD, Running, after, by, code};
use crate::{
    domain::{
        guessing::{ATTACK, ATTACK_HOLD, Counter, FREE_AT_PLACE, FREE_OF_ADDRESS, Guess, MEMORY, PAUSES},
        limits::{KNOWN_PLACE, MAX_SESSIONS},
    },
    store::attempts::{self, Keys},
    workflows::housekeeping,
};

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
async fn guessing_becomes_slow_where_it_happens_and_nowhere_else() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    // Whoever guesses waits twice as long each time; tried again when the time has come, nobody is held up here.
    let mut pause = Duration::ZERO;
    for guess in 0..FREE_AT_PLACE + 4 {
        running.clock.advance(pause);
        // What the client itself claims is to the left of what the edge wrote.
        let from = format!("198.51.100.{guess}, 203.0.113.9");
        let wrong = running.sign_in_from(&from, "ann@example.com", &format!("wrong {guess}")).await;
        assert_eq!(code(&wrong), Code::Unauthenticated);
        pause = if guess + 1 < FREE_AT_PLACE { pause } else { (pause * 2).max(PAUSES.first) };
    }
    // Now the next one would have to wait for 16 seconds: the right password is not even looked at.
    let there = running.sign_in_from("203.0.113.9", "Ann@Example.com", PASSWORD).await.unwrap_err();
    let wrong = running.sign_in("nobody@example.com", PASSWORD).await.unwrap_err();
    assert_eq!((there.code(), there.message()), (wrong.code(), wrong.message()));
    // Elsewhere it is right as ever, where the account was used before and where not.
    running.sign_in("ann@example.com", PASSWORD).await.unwrap();
    running.sign_in_from("2001:db8:1::1", "ann@example.com", PASSWORD).await.unwrap();
    // And there when the time has come; what was wrong before is forgiven then.
    running.clock.advance(pause);
    for _ in 0..2 {
        running.sign_in_from("203.0.113.9", "ann@example.com", PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn who_has_to_wait_a_little_is_kept_waiting_instead_of_refused() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    for guess in 0..FREE_AT_PLACE {
        let _ = running.sign_in("ann@example.com", &format!("wrong {guess}")).await;
    }
    let before = Instant::now();
    running.sign_in("ann@example.com", PASSWORD).await.unwrap();
    assert!(before.elapsed() >= PAUSES.first);
}

#[tokio::test]
async fn guesses_side_by_side_are_all_counted() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    let guesses: Vec<_> = (0..FREE_AT_PLACE + 10)
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
    // All of them came from an address that the edge did not tell.
    let request = pb::SignInRequest { email: "ann@example.com".to_owned(), password: PASSWORD.to_owned() };
    assert_eq!(code(&running.auth().sign_in(request).await), Code::Unauthenticated);
    running.sign_in("ann@example.com", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn many_addresses_at_one_account_slow_strangers_down_and_nobody_else() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    for guess in 0..ATTACK {
        let from = format!("198.51.100.{guess}");
        let wrong = running.sign_in_from(&from, "ann@example.com", "wrong").await;
        assert_eq!(code(&wrong), Code::Unauthenticated);
    }
    let before = Instant::now();
    running.sign_in("ann@example.com", PASSWORD).await.unwrap();
    assert!(before.elapsed() < ATTACK_HOLD, "its own address is known");
    let before = Instant::now();
    running.sign_in_from("203.0.113.9", "ann@example.com", PASSWORD).await.unwrap();
    assert!(before.elapsed() >= ATTACK_HOLD, "an unknown one is slow, and right");
}

#[tokio::test]
async fn one_address_at_many_accounts_is_slowed_down_where_it_is_unknown() {
    let running = Running::start().await;
    running.person("ann@example.com").await;
    running.sign_up("bob@example.com", PASSWORD).await.unwrap();
    let there = "203.0.113.9";
    running.sign_in_from(there, "ann@example.com", PASSWORD).await.unwrap();
    // A hundred passwords take too long here: counters do.
    let now = Clock::now(&running.clock);
    let address = Counter { failures: FREE_OF_ADDRESS + 9, opens: now + PAUSES.longest, tried: now };
    let key = running.app.counter_key(&[b"address", &[203, 0, 113, 9]]);
    let spray = running.app.db.write((key, address), |tx, (key, address)| {
        let keys = Keys { place: vec![1], address: key.clone(), account: vec![2] };
        let guess = Guess { address: *address, ..Guess::default() };
        Box::pin(async move { attempts::save_both(tx, &keys, &guess).await })
    });
    spray.await.unwrap();
    assert_eq!(code(&running.sign_in_from(there, "bob@example.com", PASSWORD).await), Code::Unauthenticated);
    running.sign_in("bob@example.com", PASSWORD).await.unwrap();
    running.sign_in_from(there, "ann@example.com", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn what_is_counted_is_forgotten_and_tells_nothing() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    for email in ["ann@example.com", "nobody@example.com"] {
        let _ = running.sign_in_from("203.0.113.9", email, "wrong").await;
    }
    let rows =
        async |text: &'static str| shopmesh_kit::db::sql(text).all(&running.app.db).await.unwrap().len();
    let counters = "SELECT counter FROM sign_in_failures";
    // Each account and place, each account, and the address; what was right left none or a zero.
    assert_eq!(rows("SELECT counter FROM sign_in_failures WHERE failures > 0").await, 5);
    assert_eq!(rows("SELECT place FROM known_places").await, 1);
    let user = crate::ids::UserId::parse(&ann.user).unwrap();
    for number in 0..30 {
        let keys = Keys { place: vec![number; 32], address: vec![], account: vec![] };
        let job = (keys, user.clone(), Clock::now(&running.clock));
        let remember = running
            .app
            .db
            .write(job, |tx, (keys, user, now)| Box::pin(attempts::remember(tx, keys, user, *now)));
        remember.await.unwrap();
    }
    assert_eq!(rows("SELECT place FROM known_places").await, 20, "the most recent ones");
    running.clock.advance(after(MEMORY));
    housekeeping::once(&running.app).await.unwrap();
    assert_eq!(rows(counters).await, 0);
    running.clock.advance(KNOWN_PLACE);
    housekeeping::once(&running.app).await.unwrap();
    assert_eq!(rows("SELECT place FROM known_places").await, 0);
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
                let session = crate::domain::session::Session {
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
