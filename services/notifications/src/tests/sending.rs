//! From a queued delivery to a message, and what happens when something is in the way.

use std::time::Duration;

use shopmesh_kit::clock::Clock;

use super::{
    Post,
    smtp_sink::{Answer, SmtpSink},
};
use crate::{
    domain::delivery::{MAX_ATTEMPTS, POSTPONEMENT, State},
    store::deliveries,
};

#[tokio::test]
async fn a_delivery_becomes_a_readable_file() {
    let post = Post::open(None).await;
    let ann = post.people.add("ann@example.com", "win at https://evil.example");
    post.queue("evt_1", &ann).await;
    assert_eq!(post.send_due().await.unwrap(), 1);
    let log = post.log().await;
    assert_eq!((log[0].state, log[0].attempts, log[0].sent), (State::Sent, 1, Some(post.clock.now())));
    let mail = post.mail();
    let (name, text) = &mail[0];
    assert!(
        name.starts_with("20251121T063323Z-ann-example-com-") && name.ends_with("-order-placed.eml"),
        "{name}"
    );
    for line in ["To: ann@example.com", "Subject: Your order 1007", "Hello,", "Items: 2", "Total: 5.00 USD"] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(!text.contains("evil"), "whoever opened the account chose the name: {text}");
    assert!(text.contains(&format!("Message-ID: <{}@shopmesh.local>", log[0].id.as_str())), "{text}");
    assert_eq!(post.send_due().await.unwrap(), 0);
    assert_eq!(post.mail().len(), 1);
}

#[tokio::test]
async fn nothing_personal_is_kept() {
    let post = Post::open(None).await;
    let ann = post.people.add("very.unusual@example.com", "Unusual Person");
    post.queue("evt_1", &ann).await;
    post.send_due().await.unwrap();
    assert_eq!(post.mail().len(), 1);
    for file in ["notifications.db", "notifications.db-wal"] {
        let bytes = std::fs::read(post.folder.path().join(file)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).to_lowercase().contains("unusual"), "{file}");
    }
}

#[tokio::test]
async fn a_crash_between_writing_and_noting_leaves_one_file() {
    let post = Post::open(None).await;
    let ann = post.people.add("ann@example.com", "");
    post.queue("evt_1", &ann).await;
    // A sender that claims, writes the file, and is killed.
    let (now, lease) = (post.clock.now(), post.clock.now() + Duration::from_secs(60));
    let claim =
        post.app.db.write((now, lease), |tx, (now, lease)| Box::pin(deliveries::claim(tx, 9, *now, *lease)));
    let claimed = claim.await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(post.send_due().await.unwrap(), 0, "it is claimed");
    post.clock.advance(Duration::from_secs(60));
    assert_eq!(post.send_due().await.unwrap(), 1);
    let mail = post.mail();

    // The late sender of the lost claim changes nothing, and writes the same file.
    let again = post
        .app
        .db
        .write((claimed, lease), |tx, (claimed, lease)| Box::pin(deliveries::settle(tx, claimed, *lease)));
    again.await.unwrap();
    assert_eq!(post.log().await[0].state, State::Sent);
    let requeue = post.app.db.write((), |tx, ()| {
        Box::pin(shopmesh_kit::db::sql("UPDATE deliveries SET state = 1, due = 0").execute(tx))
    });
    assert_eq!(requeue.await.unwrap(), 1);
    assert_eq!(post.send_due().await.unwrap(), 1);
    assert_eq!(post.mail(), mail);
}

#[tokio::test]
async fn deliveries_wait_while_identity_is_away_without_using_up_their_tries() {
    let post = Post::open(None).await;
    let ann = post.people.add("ann@example.com", "Ann");
    post.queue("evt_1", &ann).await;
    post.people.set_away(true);
    for _ in 0..2 * MAX_ATTEMPTS {
        assert_eq!(post.send_due().await.unwrap(), 1);
        post.clock.advance(POSTPONEMENT);
    }
    let waiting = post.log().await.remove(0);
    assert_eq!((waiting.state, waiting.attempts), (State::Queued, 0));
    assert!(waiting.last_error.contains("identity"), "{}", waiting.last_error);
    post.people.set_away(false);
    post.send_due().await.unwrap();
    assert_eq!((post.log().await[0].state, post.mail().len()), (State::Sent, 1));
}

#[tokio::test]
async fn one_question_for_many_recipients_and_the_unknown_fail_alone() {
    let post = Post::open(None).await;
    let (ann, bob) = (post.people.add("ann@example.com", "Ann"), post.people.add("bob@example.com", "Bob"));
    let broken = post.people.add("no address", "Broken");
    let nobody = crate::ids::UserId::generate();
    for (event, to) in
        [("evt_1", &ann), ("evt_2", &ann), ("evt_3", &bob), ("evt_4", &nobody), ("evt_5", &broken)]
    {
        post.queue(event, to).await;
    }
    assert_eq!(post.send_due().await.unwrap(), 5);
    assert_eq!(post.people.asked(), 1);
    assert_eq!(post.mail().len(), 3);
    for delivery in post.log().await {
        let known = delivery.recipient == ann || delivery.recipient == bob;
        assert_eq!(delivery.state, if known { State::Sent } else { State::Failed });
        assert!(!delivery.last_error.contains("no address"), "{}", delivery.last_error);
    }
}

#[tokio::test]
async fn a_mail_server_gets_the_message() {
    let sink = SmtpSink::start(vec![Answer::Accept]).await;
    let post = Post::open(Some(sink.settings())).await;
    let ann = post.people.add("ann@example.com", "Ann");
    post.queue("evt_1", &ann).await;
    post.send_due().await.unwrap();
    assert_eq!(post.log().await[0].state, State::Sent);
    let received = sink.received();
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].from.as_str(), received[0].to.as_str()), ("shop@example.com", "ann@example.com"));
    assert!(received[0].data.contains("Subject: Your order 1007\r\n"), "{}", received[0].data);
    assert!(received[0].data.contains("\r\nHello,\r\n"), "{}", received[0].data);
}

/// RFC 6531: an address outside of ASCII needs a server that says it takes them. A domain alone does not: it travels as A-labels.
#[tokio::test]
async fn addresses_outside_of_ascii_reach_servers_that_take_them() {
    let sink = SmtpSink::start(vec![Answer::AcceptUtf8, Answer::Accept, Answer::Accept]).await;
    let post = Post::open(Some(sink.settings())).await;
    let zoe = post.people.add("zoë@xn--bcher-kva.example", "Zoë");
    post.queue("evt_1", &zoe).await;
    post.send_due().await.unwrap();
    assert_eq!(post.log().await[0].state, State::Sent);
    let received = sink.received().remove(0);
    assert_eq!(received.to, "zoë@xn--bcher-kva.example");
    assert!(received.options.contains("SMTPUTF8"), "{}", received.options);
    assert!(received.data.contains("To: zoë@xn--bcher-kva.example\r\n"), "{}", received.data);

    post.queue("evt_2", &zoe).await;
    post.send_due().await.unwrap();
    let refused = post.log().await.remove(0);
    assert_eq!((refused.state, refused.attempts), (State::Failed, 1), "no other try would help");
    assert!(
        refused.last_error.contains("SMTPUTF8") && !refused.last_error.contains("zoë"),
        "{}",
        refused.last_error
    );

    post.queue("evt_3", &post.people.add("ada@xn--bcher-kva.example", "Ada")).await;
    post.send_due().await.unwrap();
    assert_eq!(post.log().await[0].state, State::Sent);
    assert_eq!(sink.received()[1].to, "ada@xn--bcher-kva.example");
}

#[tokio::test]
async fn a_busy_server_is_tried_again_and_a_refusal_is_final() {
    let sink = SmtpSink::start(vec![Answer::Busy, Answer::HangUp, Answer::Accept, Answer::Refuse]).await;
    let post = Post::open(Some(sink.settings())).await;
    let ann = post.people.add("ann@example.com", "Ann");
    post.queue("evt_1", &ann).await;
    let mut errors = Vec::new();
    for pause in [1, 2, 0] {
        assert_eq!(post.send_due().await.unwrap(), 1);
        errors.push(post.log().await[0].last_error.clone());
        assert_eq!(post.send_due().await.unwrap(), 0, "it waits");
        post.clock.advance(Duration::from_secs(pause));
    }
    assert!(errors[0].contains("451") && errors[1].contains("reached") && errors[2].is_empty(), "{errors:?}");
    let sent = post.log().await.remove(0);
    assert_eq!((sent.state, sent.attempts), (State::Sent, 3));
    let id = format!("Message-ID: <{}@example.com>", sent.id.as_str());
    assert!(sink.received()[0].data.contains(&id), "the same message each time");

    post.queue("evt_2", &ann).await;
    post.send_due().await.unwrap();
    let refused = post.log().await.remove(0);
    assert_eq!((refused.state, refused.attempts), (State::Failed, 1));
    assert!(
        refused.last_error.contains("550") && !refused.last_error.contains("ann@"),
        "{}",
        refused.last_error
    );
    assert_eq!(sink.received().len(), 1);
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up_after_six_tries() {
    let sink = SmtpSink::start(vec![Answer::HangUp; 10]).await;
    let post = Post::open(Some(sink.settings())).await;
    post.queue("evt_1", &post.people.add("ann@example.com", "Ann")).await;
    let mut tries = 0;
    while post.send_due().await.unwrap() > 0 {
        tries += 1;
        post.clock.advance(Duration::from_secs(60));
    }
    assert_eq!((tries, post.log().await[0].state), (MAX_ATTEMPTS, State::Failed));
}
