//! Signing up: equal answers, one account per address, nothing personal in the file.

use std::fs;

use shopmesh_kit::events;
use shopmesh_proto::identity::v1 as pb;
use tonic::Code;

use super::{PASSWORD, Running, after, code};
use crate::domain::limits::REPEAT_NOTICE;

#[tokio::test]
async fn a_taken_address_answers_like_a_free_one_and_its_owner_is_told_once_an_hour() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    assert_eq!(running.events(&ann.user).await, ["UserCreated"]);

    let free = running.sign_up("bob@example.com", "another long one").await.unwrap();
    assert_eq!(free, pb::SignUpResponse { email: "bob@example.com".to_owned() });
    for same in ["ann@example.com", "ANN@Example.COM"] {
        let taken = running.sign_up(same, "another long one").await.unwrap();
        assert_eq!(taken, pb::SignUpResponse { email: "ann@example.com".to_owned() });
    }
    assert_eq!(running.events(&ann.user).await, ["UserCreated", "SignUpRepeated"]);
    running.clock.advance(after(REPEAT_NOTICE));
    running.sign_up("ann@example.com", "another long one").await.unwrap();
    assert_eq!(running.events(&ann.user).await, ["UserCreated", "SignUpRepeated", "SignUpRepeated"]);
    // The first password stays the right one.
    assert_eq!(code(&running.sign_in("ann@example.com", "another long one").await), Code::Unauthenticated);
    assert_eq!(running.sign_in("Ann@example.com", PASSWORD).await.unwrap().user, ann.user);
}

#[tokio::test]
async fn a_repeated_request_tells_nobody() {
    let running = Running::start().await;
    let ann = running.person("ann@example.com").await;
    running.sign_up("ann@example.com", PASSWORD).await.unwrap();
    assert_eq!(running.events(&ann.user).await, ["UserCreated"]);
}

#[tokio::test]
async fn of_many_at_once_one_opens_the_account() {
    let running = Running::start().await;
    let attempts = (0..6).map(|number| {
        let (mut client, password) = (running.users(), format!("a password of {number}"));
        let email = if number % 2 == 0 { "ann@example.com" } else { "ANN@EXAMPLE.COM" }.to_owned();
        tokio::spawn(async move {
            client.sign_up(pb::SignUpRequest { email, password, ..Default::default() }).await.unwrap()
        })
    });
    for attempt in attempts.collect::<Vec<_>>() {
        assert_eq!(attempt.await.unwrap().into_inner().email, "ann@example.com");
    }
    let users = running.users_as_operator().list_users(pb::ListUsersRequest::default()).await.unwrap();
    assert_eq!(users.into_inner().users.len(), 1);
}

#[tokio::test]
async fn an_account_is_one_from_every_keyboard() {
    let running = Running::start().await;
    let answer =
        running.sign_up("zoe\u{308}@bücher.example", "cre\u{300}me bru\u{302}le\u{301}e").await.unwrap();
    assert_eq!(answer.email, "zoë@xn--bcher-kva.example");
    let user = running.sign_in("zoë@bücher.example", "crème brûlée").await.unwrap().user;
    for (email, password) in [
        ("ZOË@BÜCHER.Example", "crème brûlée"),
        (" zoë@xn--bcher-kva.example ", "cre\u{300}me\u{A0}brûlée"),
        ("zoe\u{308}@bu\u{308}cher.example", "crème\u{3000}bru\u{302}lée"),
    ] {
        assert_eq!(running.sign_in(email, password).await.unwrap().user, user, "{email}");
    }
    running.sign_up("Zoë@XN--BCHER-KVA.example", "another long one").await.unwrap();
    assert_eq!(running.events(&user).await, ["UserCreated", "SignUpRepeated"]);
    // Cyrillic letters that look like Latin ones, and letters of another width.
    for lookalike in ["\u{430}nn@example.com", "ａnn@example.com", "a\u{200B}nn@example.com"] {
        assert_eq!(code(&running.sign_up(lookalike, PASSWORD).await), Code::InvalidArgument, "{lookalike:?}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_by_field() {
    let running = Running::start().await;
    for (email, password, field) in [
        ("not an address", PASSWORD, "email"),
        ("ann@example.com", "short", "password"),
        ("ann@example.com", "password123", "password"),
        ("ann@example.com", "ANN@example.com", "password"),
        ("ann@example.com", "with\u{0} inside it", "password"),
    ] {
        let status = running.sign_up(email, password).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{email} {password}");
        assert!(status.message().contains(field), "{}", status.message());
    }
    let request = pb::SignUpRequest {
        email: "ann@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        display_name: "Ann\r\nBcc: everybody@example.com".to_owned(),
        ..Default::default()
    };
    assert_eq!(code(&running.users().sign_up(request).await), Code::InvalidArgument);
}

#[tokio::test]
async fn nothing_personal_or_secret_is_readable_in_the_files() {
    let running = Running::start().await;
    let ann = running.person("very.unusual@example.com").await;
    let address = super::profiles::create_address(&running, &ann, "Unusual Street 7").await.unwrap();
    assert_eq!(address.lines, ["Unusual Street 7"]);
    for event in events::read_after(&running.app.db, 0, 100).await.unwrap() {
        assert!(!format!("{event:?}").to_lowercase().contains("unusual"));
    }
    let mut read = 0;
    for file in fs::read_dir(running.folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        read += bytes.len();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for secret in ["unusual", "ann example", "correct horse", &ann.refresh_token.to_lowercase()] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    assert!(read > 10_000, "the database was read");
}
