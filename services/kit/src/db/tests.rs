//! Group commit, isolation of failing jobs, dropped callers, arity.

mod storage;

use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::{
    future::{join, join_all},
    poll,
};
use tokio::sync::Semaphore;

use super::{testing::temp_db, *};
use crate::error::{Error, ErrorKind};

async fn run(db: &Db, statement: &'static str) {
    db.write((), move |tx, ()| Box::pin(async move { sql(statement).execute(tx).await.map(drop) }))
        .await
        .unwrap();
}

async fn with_table() -> (Db, tempfile::TempDir) {
    let (db, folder) = temp_db().await;
    run(&db, "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, twin BIGINT NOT NULL)").await;
    (db, folder)
}

async fn ids(db: &Db) -> Vec<i64> {
    let rows = sql("SELECT id FROM t ORDER BY id").all(db).await.unwrap();
    rows.iter().map(|row| row.int("id").unwrap()).collect()
}

#[tokio::test]
async fn lists_may_be_empty_and_comparisons_left_out() {
    let (db, _folder) = with_table().await;
    run(&db, "INSERT INTO t (id, twin) VALUES (1, 10), (2, 20), (3, 30)").await;
    for (ids, most, found) in [
        (vec![1_i64, 3], None, vec![1_i64, 3]),
        (vec![], None, vec![]),
        (vec![1, 2, 3], Some(20_i64), vec![1, 2]),
        (vec![], Some(20), vec![]),
    ] {
        let query = sql("SELECT id FROM t WHERE twin > $1 AND ").bind(0_i64).in_list("id", ids);
        let rows = query.and("twin <=", most).then(" ORDER BY id").all(&db).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.int("id").unwrap()).collect::<Vec<_>>(), found);
    }
}

/// Two rows, `id` and `1000 + id`, so that half a job shows.
async fn insert_pair(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    sql("INSERT INTO t (id, twin) VALUES ($1, 0)").bind(id).execute(&mut *tx).await?;
    sql("INSERT INTO t (id, twin) VALUES ($1, 1)").bind(1_000 + id).execute(tx).await?;
    Ok(())
}

/// Holds the writer in a job until a permit comes, so that what is sent meanwhile forms one batch.
async fn hold_writer(db: &Db) -> (Arc<Semaphore>, tokio::task::JoinHandle<Result<(), DbError>>) {
    let (gate, entered) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (db, held) = (db.clone(), (gate.clone(), entered.clone()));
    let holding = tokio::spawn(async move {
        db.write(held, |_, (gate, entered)| {
            Box::pin(async move {
                entered.add_permits(1);
                gate.acquire().await.unwrap().forget();
                Ok(())
            })
        })
        .await
    });
    entered.acquire().await.unwrap().forget();
    (gate, holding)
}

#[tokio::test]
async fn the_writer_flushes_each_commit_and_readers_cannot_write() {
    let (db, _folder) = temp_db().await;
    let pragmas = db.write((), |tx, ()| {
        Box::pin(async move {
            let synchronous = sql("PRAGMA synchronous").one(&mut *tx).await?.int("synchronous")?;
            let foreign_keys = sql("PRAGMA foreign_keys").one(&mut *tx).await?.int("foreign_keys")?;
            let journal_mode = sql("PRAGMA journal_mode").one(tx).await?.text("journal_mode")?;
            Ok::<_, DbError>((synchronous, foreign_keys, journal_mode))
        })
    });
    // 2 is FULL (sqlite.org/pragma.html#pragma_synchronous).
    assert_eq!(pragmas.await.unwrap(), (2, 1, "wal".to_owned()));
    let reader = sql("PRAGMA query_only").one(&db).await.unwrap();
    assert_eq!(reader.int("query_only").unwrap(), 1);
}

#[tokio::test]
async fn a_failing_and_a_panicking_job_undo_only_themselves() {
    let (db, _folder) = with_table().await;
    let (gate, holding) = hold_writer(&db).await;
    let writes = (0..8_i64).map(|id| {
        db.write(id, |tx, id| {
            Box::pin(async move {
                insert_pair(tx, *id).await?;
                match id {
                    3 => Err(Error::aborted("NO", "changed its mind")),
                    4 => panic!("a defect"),
                    5 => Ok(insert_pair(tx, 0).await?),
                    _ => Ok(()),
                }
            })
        })
    });
    let (results, ()) = join(join_all(writes), async { gate.add_permits(1) }).await;
    holding.await.unwrap().unwrap();

    assert_eq!(results[3].as_ref().unwrap_err().reason(), "NO");
    assert_eq!(results[4].as_ref().unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(results[5].as_ref().unwrap_err().kind(), ErrorKind::Internal, "a unique key");
    let good = [0, 1, 2, 6, 7];
    assert!(good.iter().all(|id| results[*id].is_ok()));
    assert_eq!(ids(&db).await, [0, 1, 2, 6, 7, 1_000, 1_001, 1_002, 1_006, 1_007]);
}

#[tokio::test]
async fn a_deferred_constraint_of_one_job_does_not_fail_its_neighbors() {
    let (db, _folder) = with_table().await;
    run(&db, "CREATE TABLE child (id BIGINT REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)").await;
    let (gate, holding) = hold_writer(&db).await;
    let runs = Arc::new(AtomicUsize::new(0));
    let writes = (0..4_i64).map(|id| {
        db.write((id, runs.clone()), |tx, (id, runs)| {
            Box::pin(async move {
                runs.fetch_add(1, Ordering::SeqCst);
                insert_pair(tx, *id).await?;
                let parent = if *id == 2 { 777 } else { *id };
                sql("INSERT INTO child (id) VALUES ($1)").bind(parent).execute(tx).await
            })
        })
    });
    let (results, ()) = join(join_all(writes), async { gate.add_permits(1) }).await;
    holding.await.unwrap().unwrap();
    assert!(matches!(results[2], Err(DbError::ForeignKey { .. })), "{:?}", results[2]);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    assert_eq!(ids(&db).await, [0, 1, 3, 1_000, 1_001, 1_003]);
    assert!(runs.load(Ordering::SeqCst) >= 4);
}

#[tokio::test]
async fn a_caller_that_goes_away_at_any_poll_leaves_all_or_nothing() {
    let (db, _folder) = with_table().await;
    for polls in 0..12_i64 {
        {
            let mut write = pin!(db.write(polls, |tx, id| Box::pin(insert_pair(tx, *id))));
            for _ in 0..polls {
                if poll!(&mut write).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // Runs after whatever was queued, on the same connection.
        run(&db, "DELETE FROM t WHERE id = -1").await;
        let seen = ids(&db).await;
        assert_eq!(
            seen.contains(&polls),
            seen.contains(&(1_000 + polls)),
            "half a write after {polls} polls"
        );
        assert_eq!(seen.contains(&polls), polls > 0, "a write that was sent is done, {polls} polls");
    }
}

#[tokio::test]
async fn values_and_rows() {
    let (db, _folder) = temp_db().await;
    run(&db, "CREATE TABLE v (i BIGINT, t TEXT, b BLOB, f BIGINT NOT NULL)").await;
    db.write((), |tx, ()| {
        Box::pin(async move {
            let all = sql("INSERT INTO v (i, t, b, f) VALUES ($1, $2, $3, $4)");
            all.bind(i64::MIN).bind("é\0").bind(vec![0_u8, 255]).bind(true).execute(&mut *tx).await?;
            let none = sql("INSERT INTO v (i, t, b, f) VALUES ($1, $2, $3, $4)");
            none.bind(None::<i64>).bind(None::<String>).bind(None::<Vec<u8>>).bind(false).execute(tx).await
        })
    })
    .await
    .unwrap();
    let rows = sql("SELECT i, t, b, f FROM v ORDER BY f DESC").all(&db).await.unwrap();
    let (full, empty) = (&rows[0], &rows[1]);
    assert_eq!((full.int("i").unwrap(), full.text("t").unwrap()), (i64::MIN, "é\0".to_owned()));
    assert_eq!((full.blob("b").unwrap(), full.bool("f").unwrap()), (vec![0, 255], true));
    assert_eq!((empty.opt_int("i").unwrap(), empty.opt_text("t").unwrap()), (None, None));
    assert_eq!((empty.opt_blob("b").unwrap(), empty.bool("f").unwrap()), (None, false));
    assert!(matches!(empty.int("i"), Err(DbError::Column { .. })));
    assert!(matches!(full.int("nothing"), Err(DbError::Column { .. })));
    assert!(matches!(sql("SELECT 1 WHERE 1 = 2").one(&db).await, Err(DbError::NoRow)));
    let sum = sql("SELECT CAST(SUM(f) AS BIGINT) AS total FROM v").one(&db).await.unwrap();
    assert_eq!(sum.int("total").unwrap(), 1);
}

#[tokio::test]
async fn a_missing_value_is_refused_before_it_reaches_the_database() {
    let (db, _folder) = with_table().await;
    let write = db.write((), |tx, ()| {
        Box::pin(async move { sql("INSERT INTO t (id, twin) VALUES ($1, $2)").bind(1).execute(tx).await })
    });
    assert!(matches!(write.await, Err(DbError::Arity { expected: 2, given: 1, .. })));
    assert_eq!(ids(&db).await, [0_i64; 0]);
}

#[tokio::test]
async fn constraints_are_told_apart() {
    let (db, _folder) = temp_db().await;
    run(
        &db,
        "CREATE TABLE c (id BIGINT PRIMARY KEY, n BIGINT NOT NULL CHECK (n > 0), p BIGINT REFERENCES c (id))",
    )
    .await;
    run(&db, "INSERT INTO c (id, n) VALUES (1, 1)").await;
    let attempt = |statement: &'static str| {
        let db = db.clone();
        async move {
            db.write((), move |tx, ()| Box::pin(async move { sql(statement).execute(tx).await }))
                .await
                .unwrap_err()
        }
    };
    let unique = attempt("INSERT INTO c (id, n) VALUES (1, 1)").await;
    assert!(matches!(&unique, DbError::Unique { constraint } if constraint == "c.id"), "{unique:?}");
    assert!(matches!(attempt("INSERT INTO c (id, n) VALUES (2, 0)").await, DbError::Check { .. }));
    assert!(matches!(attempt("INSERT INTO c (id, n) VALUES (2, NULL)").await, DbError::NotNull { .. }));
    assert!(matches!(attempt("INSERT INTO c (id, n, p) VALUES (2, 1, 9)").await, DbError::ForeignKey { .. }));
}

#[tokio::test]
async fn readers_cannot_write() {
    let (db, _folder) = with_table().await;
    assert!(sql("INSERT INTO t (id, twin) VALUES (1, 1) RETURNING id").all(&db).await.is_err());
}

#[tokio::test]
async fn a_long_read_moves_to_another_thread_and_comes_whole() {
    let (db, _folder) = with_table().await;
    let count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
                 SELECT COUNT(*) AS counted FROM n";
    // Short ones before and after it on the same connections, and more of them than one limit's worth of steps.
    for length in [10, 100_000, 10].into_iter().chain([100; 50]) {
        let row = sql(count).bind(length).one(&db).await.unwrap();
        assert_eq!(row.int("counted").unwrap(), i64::from(length));
    }
}

#[tokio::test]
async fn what_was_written_before_closing_is_there_after_opening() {
    let (db, folder) = with_table().await;
    db.write(1, |tx, id| Box::pin(insert_pair(tx, *id))).await.unwrap();
    db.close().await;
    let late: Result<(), DbError> = db.write(2, |tx, id| Box::pin(insert_pair(tx, *id))).await;
    assert!(matches!(late, Err(DbError::Closed)));
    let db = Db::open(&folder.path().join("t e#s?t.db"), &testing::NO_MIGRATIONS).await.unwrap();
    assert_eq!(ids(&db).await, [1, 1_001]);
    assert!(folder.path().join("t e#s?t.db").exists(), "odd names are taken literally");
}

#[tokio::test]
async fn a_page_ends_by_count_or_by_bytes() {
    let (db, _folder) = temp_db().await;
    run(&db, "CREATE TABLE texts (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)").await;
    let kibibytes = [1, 1, 1, 250, 250, 400, 1];
    db.write(kibibytes, |tx, kibibytes| {
        Box::pin(async move {
            for (id, size) in (1_i64..).zip(kibibytes) {
                let text = "x".repeat(size * 1024);
                sql("INSERT INTO texts (id, text) VALUES ($1, $2)")
                    .bind(id)
                    .bind(text)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok::<_, DbError>(())
        })
    })
    .await
    .unwrap();
    let page = async |after: i64, size: usize| {
        let rows =
            sql("SELECT * FROM texts WHERE id > $1 ORDER BY id").bind(after).page(&db, size).await.unwrap();
        let ids = rows.try_map(|row| row.int("id")).unwrap();
        ids.show("q", i64::to_string, |id| Ok(id.to_string())).unwrap()
    };
    let ids = |from: i64, to: i64| (from..=to).map(|id| id.to_string()).collect::<Vec<_>>();
    assert_eq!(page(0, 2).await.0, ids(1, 2), "by count");
    assert_eq!(page(0, 100).await.0, ids(1, 4), "by bytes");
    assert_eq!(page(4, 100).await.0, ids(5, 5));
    let (alone, next) = page(5, 100).await;
    assert_eq!((alone, next.is_empty()), (ids(6, 6), false), "a row that is too large is a page");
    let (last, next) = page(6, 100).await;
    assert_eq!((last, next.is_empty()), (ids(7, 7), true));
}
