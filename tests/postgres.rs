//! The database of a service on a real PostgreSQL: the migrations of every service, and what the kit promises of writes.

use std::{fs, path::Path, time::Duration};

use shopmesh_kit::{
    Error,
    clock::Timestamp,
    db::{Db, DbError, Migrator, Tx, sql},
    events::{self, Cause},
    idempotency::{self, Keep, Key},
};
use shopmesh_proto::google::rpc::ErrorInfo;
use tokio::task::JoinSet;

use crate::support::Postgres;

static NO_MIGRATIONS: Migrator = Migrator::DEFAULT;

#[tokio::test]
async fn the_migrations_of_every_service_run_and_are_known_again() {
    let server = Postgres::start();
    let mut services = 0;
    for service in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("services")).unwrap() {
        let service = service.unwrap();
        let migrations = service.path().join("migrations/postgres");
        let name = service.file_name().into_string().unwrap();
        if !migrations.exists() || name == "kit" {
            continue;
        }
        let migrator: &'static Migrator = Box::leak(Box::new(Migrator::new(migrations).await.unwrap()));
        let url = server.create(&name);
        for _start in 0..2 {
            let db = Db::open_url(&url, migrator).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            db.close().await;
        }
        services += 1;
    }
    assert_eq!(services, 6);
}

async fn with_table(server: &Postgres) -> Db {
    let db = Db::open_url(&server.create("kit"), &NO_MIGRATIONS).await.unwrap();
    let table = "CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, bytes BYTEA, is_on BIGINT NOT NULL)";
    db.write((), move |tx, ()| Box::pin(async move { sql(table).execute(tx).await })).await.unwrap();
    db
}

async fn insert(tx: &mut Tx, id: i64) -> Result<u64, DbError> {
    let statement = "INSERT INTO t (id, name, bytes, is_on) VALUES ($1, $2, $3, $4)";
    sql(statement).bind(id).bind("é").bind(vec![0_u8, 255]).bind(true).execute(tx).await
}

async fn has(db: &Db, id: i64) -> bool {
    sql("SELECT id FROM t WHERE id = $1").bind(id).optional(db).await.unwrap().is_some()
}

#[tokio::test]
async fn a_write_is_kept_whole_or_not_at_all() {
    let server = Postgres::start();
    let db = with_table(&server).await;
    db.write(i64::MIN, |tx, id| Box::pin(insert(tx, *id))).await.unwrap();
    let row = sql("SELECT * FROM t").one(&db).await.unwrap();
    assert_eq!((row.int("id").unwrap(), row.text("name").unwrap()), (i64::MIN, "é".to_owned()));
    assert_eq!((row.blob("bytes").unwrap(), row.bool("is_on").unwrap()), (vec![0, 255], true));
    let nothing = sql("SELECT CAST(NULL AS TEXT) AS name, CAST($1 AS BIGINT) AS id").bind(None::<i64>);
    let nothing = nothing.one(&db).await.unwrap();
    assert_eq!((nothing.opt_text("name").unwrap(), nothing.opt_int("id").unwrap()), (None, None));

    let taken: Result<u64, DbError> = db.write(i64::MIN, |tx, id| Box::pin(insert(tx, *id))).await;
    assert!(matches!(taken, Err(DbError::Unique { .. })), "{taken:?}");
    let changed_mind = db.write((), |tx, ()| {
        Box::pin(async move {
            insert(tx, 1).await?;
            Err::<(), Error>(Error::aborted("NO", "changed its mind"))
        })
    });
    assert_eq!(changed_mind.await.unwrap_err().reason(), "NO");
    let defect: Result<(), DbError> = db
        .write((), |tx, ()| {
            Box::pin(async move {
                insert(tx, 2).await?;
                panic!("a defect")
            })
        })
        .await;
    assert!(matches!(defect, Err(DbError::Panicked)), "{defect:?}");
    assert!(!has(&db, 1).await && !has(&db, 2).await);
    let missing = db.write((), |tx, ()| {
        Box::pin(async move { sql("DELETE FROM t WHERE id = $1 AND name = $2").bind(1).execute(tx).await })
    });
    assert!(missing.await.is_err(), "a value is missing");
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_its_write() {
    let server = Postgres::start();
    let db = with_table(&server).await;
    let gone = tokio::spawn({
        let db = db.clone();
        async move {
            let write = db.write(7, |tx, id| Box::pin(insert(tx, *id)));
            let _ = tokio::time::timeout(Duration::ZERO, write).await;
        }
    });
    gone.await.unwrap();
    let kept = tokio::time::timeout(Duration::from_secs(20), async {
        while !has(&db, 7).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    kept.await.expect("the write is kept");
}

/// Sixteen at once.
async fn sixteen<T, F>(db: &Db, write: fn(Db) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let writing: JoinSet<_> = (0..16).map(|_| write(db.clone())).collect();
    writing.join_all().await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_page_ends_by_count_or_by_bytes_and_a_list_may_be_empty() {
    let server = Postgres::start();
    let db = with_table(&server).await;
    db.write((), |tx, ()| {
        Box::pin(async move {
            for id in 1..=6_i64 {
                let bytes = vec![0_u8; if id < 4 { 1 } else { 200 * 1024 }];
                let statement = "INSERT INTO t (id, bytes, is_on) VALUES ($1, $2, $3)";
                sql(statement).bind(id).bind(bytes).bind(true).execute(&mut *tx).await?;
            }
            Ok::<_, DbError>(())
        })
    })
    .await
    .unwrap();
    let page = async |after: i64, size: usize| {
        let rows =
            sql("SELECT * FROM t WHERE id > $1 ORDER BY id").bind(after).page(&db, size).await.unwrap();
        rows.into_vec().iter().map(|row| row.int("id").unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(page(0, 2).await, [1, 2], "by count");
    assert_eq!(page(0, 100).await, [1, 2, 3, 4], "by bytes");
    assert_eq!(page(4, 100).await, [5]);
    assert_eq!(page(5, 100).await, [6]);

    for (ids, least, found) in
        [(vec![1_i64, 2, 3], Some(2_i64), 2), (vec![1, 2], None, 2), (vec![], Some(2), 0)]
    {
        let query =
            sql("SELECT id FROM t WHERE ").in_list("id", ids).and("id >=", least).then(" ORDER BY id");
        assert_eq!(query.all(&db).await.unwrap().len(), found);
    }
}

async fn append(db: Db) -> Result<String, Error> {
    db.write((), |tx, ()| Box::pin(append_to(tx))).await
}

async fn append_to(tx: &mut Tx) -> Result<String, Error> {
    let cause = Cause::background("test", Timestamp(0));
    Ok(events::append(tx, &cause, "orders/o", &ErrorInfo::default()).await?.id)
}

/// One event behind a key.
async fn once(db: Db) -> Result<String, Error> {
    db.write((), |tx, ()| {
        Box::pin(async move {
            let key = Key::new("users/a", "method", "request", &"body".to_owned());
            if let Some(saved) = idempotency::saved_reply::<String>(tx, &key).await? {
                return Ok(saved);
            }
            let event = append_to(tx).await?;
            idempotency::save(tx, &key, &event, Keep::Money, Timestamp(0)).await?;
            Ok(event)
        })
    })
    .await
}

#[tokio::test]
async fn writers_side_by_side_take_turns_where_they_must() {
    let server = Postgres::start();
    let db = with_table(&server).await;
    let answers = sixteen(&db, once).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    sixteen(&db, append).await;
    events::verify_chain(&db, "orders/o").await.unwrap();
    let history = events::history_of(&db, "orders/o").await.unwrap();
    assert_eq!(history.len(), 17, "one behind the key, sixteen without");
}
