//! A repeated request gets the saved reply; another one under the same id is refused.

use super::*;
use crate::{clock::ManualClock, db::testing::temp_db, error::ErrorKind};

type Text = String;

fn key(principal: &str, body: &str) -> Key {
    Key::new(principal, "/shopmesh.orders.v1.OrderService/StartCheckout", "req-1", &body.to_owned())
}

/// An effect that counts itself, behind the key.
async fn call(db: &Db, key: Key, reply: &str, fail: bool) -> Result<Text, Error> {
    db.write((key, reply.to_owned(), fail), |tx, (key, reply, fail)| {
        Box::pin(async move {
            if let Some(saved) = saved_reply::<Text>(tx, key).await? {
                return Ok(saved);
            }
            save(tx, key, reply, Keep::Standard, Timestamp(0)).await?;
            if *fail { Err(Error::unavailable("later")) } else { Ok(reply.clone()) }
        })
    })
    .await
}

#[tokio::test]
async fn answers_again_and_refuses() {
    let (db, _folder) = temp_db().await;
    assert!(call(&db, key("users/a", "one"), "first", true).await.is_err());
    assert_eq!(
        call(&db, key("users/a", "one"), "second", false).await.unwrap(),
        "second",
        "a failure saves nothing"
    );
    assert_eq!(call(&db, key("users/a", "one"), "third", false).await.unwrap(), "second");
    assert_eq!(call(&db, key("users/b", "one"), "theirs", false).await.unwrap(), "theirs");
    let reused = call(&db, key("users/a", "two"), "fourth", false).await.unwrap_err();
    assert_eq!((reused.kind(), reused.reason()), (ErrorKind::InvalidArgument, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn without_an_id_nothing_is_kept() {
    let (db, _folder) = temp_db().await;
    let key = || Key::new("users/a", "m", "", &"one".to_owned());
    assert_eq!(call(&db, key(), "first", false).await.unwrap(), "first");
    assert_eq!(call(&db, key(), "second", false).await.unwrap(), "second");
}

#[tokio::test]
async fn replies_are_forgotten_when_their_time_is_over() {
    let (db, _folder) = temp_db().await;
    call(&db, key("users/a", "one"), "first", false).await.unwrap();
    let clock = ManualClock::at(Timestamp(0) + DAY * 7 - Duration::from_secs(1));
    assert_eq!(purge(&db, &clock).await.unwrap(), 0);
    clock.advance(Duration::from_secs(1));
    assert_eq!(purge(&db, &clock).await.unwrap(), 1);
    assert_eq!(call(&db, key("users/a", "two"), "again", false).await.unwrap(), "again");
}
