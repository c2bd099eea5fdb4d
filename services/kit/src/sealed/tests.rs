//! What was sealed opens only where it belongs, and not after its person was forgotten.

use super::*;
use crate::{
    db::{sql, testing::temp_db},
    error::ErrorKind as Kind,
};

async fn seal(db: &Db, sealer: &Sealer, person: &'static str, context: &'static str) -> Vec<u8> {
    db.write(sealer.clone(), move |tx, sealer| {
        Box::pin(async move { sealer.seal(tx, person, context, b"12 Main St").await })
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn opens_only_in_its_place() {
    let (db, folder) = temp_db().await;
    let sealer = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
    let sealed = seal(&db, &sealer, "users/a", "orders/1/address").await;
    seal(&db, &sealer, "users/b", "orders/2/address").await;
    assert!(!sealed.windows(4).any(|part| part == b"Main"));
    let open = async |person, context, sealed: &[u8]| sealer.open(&db, person, context, sealed).await;
    assert_eq!(open("users/a", "orders/1/address", &sealed).await.unwrap(), b"12 Main St");
    assert!(open("users/b", "orders/1/address", &sealed).await.is_err(), "moved to another person");
    assert!(open("users/a", "orders/2/address", &sealed).await.is_err(), "moved to another place");
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert!(open("users/a", "orders/1/address", &changed).await.is_err(), "byte {index}");
        assert!(open("users/a", "orders/1/address", &sealed[..index]).await.is_err(), "cut at {index}");
    }
}

#[tokio::test]
async fn a_wrapped_key_moved_to_another_person_does_not_open() {
    let (db, folder) = temp_db().await;
    let sealer = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
    let sealed = seal(&db, &sealer, "users/a", "c").await;
    let copied = db.write((), |tx, ()| {
        Box::pin(async move {
            let copy = sql("INSERT INTO kit_person_keys (person, wrapped) \
                            SELECT 'users/b', wrapped FROM kit_person_keys WHERE person = 'users/a'");
            copy.execute(tx).await.map_err(Error::from)
        })
    });
    assert_eq!(copied.await.unwrap(), 1);
    assert!(sealer.open(&db, "users/b", "c", &sealed).await.is_err());
}

#[tokio::test]
async fn many_open_together_as_each_alone() {
    let (db, folder) = temp_db().await;
    let sealer = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
    let text = async |person, context| Sealed {
        person: String::from(person),
        context: String::from(context),
        text: seal(&db, &sealer, person, context).await,
    };
    let (a, b, again) = (text("users/a", "1").await, text("users/b", "2").await, text("users/a", "3").await);
    let exchanged = Sealed { person: a.person.clone(), context: a.context.clone(), text: b.text.clone() };
    assert_eq!(sealer.open_all(&db, &[]).await.unwrap(), [] as [Vec<u8>; 0]);
    let all = [a, b, again];
    assert_eq!(sealer.open_all(&db, &all).await.unwrap(), vec![b"12 Main St".to_vec(); 3]);
    assert!(sealer.open_all(&db, &[exchanged]).await.is_err());
    db.write(sealer.clone(), |tx, sealer| Box::pin(async move { sealer.forget(tx, "users/b").await }))
        .await
        .unwrap();
    let error = sealer.open_all(&db, &all).await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (Kind::NotFound, "PERSON_FORGOTTEN"));
}

#[tokio::test]
async fn what_was_sealed_opens_after_a_restart() {
    let (db, folder) = temp_db().await;
    let sealer = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
    let sealed = seal(&db, &sealer, "users/a", "c").await;
    let again = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
    assert_eq!(again.open(&db, "users/a", "c", &sealed).await.unwrap(), b"12 Main St");
}

#[tokio::test]
async fn a_forgotten_person_is_unreadable() {
    let (db, folder) = temp_db().await;
    let sealer = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
    let sealed = seal(&db, &sealer, "users/a", "c").await;
    db.write(sealer.clone(), |tx, sealer| Box::pin(async move { sealer.forget(tx, "users/a").await }))
        .await
        .unwrap();
    assert_eq!(sealer.open(&db, "users/a", "c", &sealed).await.unwrap_err().kind(), Kind::NotFound);
    seal(&db, &sealer, "users/a", "c").await;
    assert!(sealer.open(&db, "users/a", "c", &sealed).await.is_err(), "a new key does not open old text");
}

#[tokio::test]
async fn a_key_of_a_write_that_failed_leaves_no_trace() {
    let (db, folder) = temp_db().await;
    let sealer = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
    let failed: Result<(), Error> = db
        .write(sealer.clone(), |tx, sealer| {
            Box::pin(async move {
                sealer.seal(tx, "users/a", "c", b"x").await?;
                Err(Error::unavailable("later"))
            })
        })
        .await;
    assert!(failed.is_err());
    let sealed = seal(&db, &sealer, "users/a", "c").await;
    assert_eq!(sealer.open(&db, "users/a", "c", &sealed).await.unwrap(), b"12 Main St");
}
