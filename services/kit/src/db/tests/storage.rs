//! The file under a database: whose it is, full disks, damage, and its disappearance.

use std::{
    fs,
    os::unix::fs::{FileExt, PermissionsExt},
    path::Path,
};

use crate::{
    db::{
        Condition, Db, DbError, sql, sql_dynamic,
        testing::{NO_MIGRATIONS, temp_db},
    },
    error::{Error, ErrorKind},
    facts,
};

async fn execute(db: &Db, statement: String) -> Result<(), Error> {
    db.write(statement, |tx, statement| {
        Box::pin(async move {
            sql_dynamic(statement.clone()).all(tx).await?;
            Ok(())
        })
    })
    .await
}

async fn refusal(path: &Path) -> String {
    Db::open(path, &NO_MIGRATIONS).await.err().expect("it does not open").to_string()
}

#[tokio::test]
async fn nobody_else_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service/orders.db");
    let db = Db::open(&path, &NO_MIGRATIONS).await.unwrap();
    facts::set(&db, "a", b"b").await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for name in ["orders.db", "orders.db-wal", "orders.db-shm"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    db.close().await;

    // One that was open to others is closed to them.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _db = Db::open(&path, &NO_MIGRATIONS).await.unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn a_full_disk_is_told_and_room_heals_it() {
    let (db, _folder) = temp_db().await;
    let condition = db.condition();
    execute(&db, "CREATE TABLE t (text TEXT NOT NULL)".to_owned()).await.unwrap();
    let pages = sql("PRAGMA page_count").one(&db).await.unwrap().int("page_count").unwrap();
    execute(&db, format!("PRAGMA max_page_count = {pages}")).await.unwrap();

    let refused =
        execute(&db, format!("INSERT INTO t VALUES ('{}')", "x".repeat(100_000))).await.unwrap_err();
    assert_eq!((refused.kind(), refused.reason()), (ErrorKind::Unavailable, "STORAGE_FULL"));
    assert_eq!(*condition.borrow(), Condition::Full);
    assert!(
        sql("SELECT text FROM t").all(&db).await.unwrap().is_empty(),
        "reads work, nothing is half written"
    );

    execute(&db, format!("PRAGMA max_page_count = {}", pages + 100)).await.unwrap();
    execute(&db, format!("INSERT INTO t VALUES ('{}')", "x".repeat(100_000))).await.unwrap();
    assert_eq!(*condition.borrow(), Condition::Sound);
}

#[tokio::test]
async fn damage_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let db = Db::open(&path, &NO_MIGRATIONS).await.unwrap();
    execute(&db, "CREATE TABLE t (id BIGINT PRIMARY KEY, text TEXT NOT NULL)".to_owned()).await.unwrap();
    for id in 0..200 {
        execute(&db, format!("INSERT INTO t VALUES ({id}, '{}')", "x".repeat(1_000))).await.unwrap();
    }
    db.close().await;
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in pages / 2..pages {
        file.write_all_at(&[0xa5; 512], page * 4096).unwrap();
    }
    let refused = refusal(&path).await;
    assert!(refused.contains("damaged") && refused.contains("restore it from a backup"), "{refused}");

    fs::write(&path, "this was a database once").unwrap();
    let refused = refusal(&path).await;
    assert!(refused.contains("damaged") && refused.contains("restore it from a backup"), "{refused}");
}

#[tokio::test]
async fn damage_that_shows_later_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    Db::open(&path, &NO_MIGRATIONS).await.unwrap().close().await;
    let db = Db::open(&path, &NO_MIGRATIONS).await.unwrap();
    let condition = db.condition();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&[0xa5; 4096], 0).unwrap();
    let error = Error::from(sql("SELECT name FROM kit_facts").all(&db).await.unwrap_err());
    assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "STORAGE_DAMAGED"));
    assert_eq!(*condition.borrow(), Condition::Damaged);
}

#[tokio::test]
async fn a_database_that_is_gone_is_not_replaced_by_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let db = Db::open(&path, &NO_MIGRATIONS).await.unwrap();
    db.close().await;
    fs::copy(&path, folder.path().join("backup")).unwrap();

    fs::remove_file(&path).unwrap();
    let refused = refusal(&path).await;
    assert!(refused.contains("restore it from the backup") && refused.contains("orders.id"), "{refused}");

    fs::copy(folder.path().join("backup"), &path).unwrap();
    let db = Db::open(&path, &NO_MIGRATIONS).await.unwrap();
    db.close().await;

    // An empty one is begun when both are removed.
    for name in ["orders.db", "orders.id"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    Db::open(&path, &NO_MIGRATIONS).await.unwrap();
}

#[test]
fn what_the_engine_says_of_the_disk_is_told_apart() {
    let said = |code: i32| {
        let failure = rusqlite::ffi::Error::new(code);
        DbError::from(rusqlite::Error::SqliteFailure(failure, Some("said".to_owned())))
    };
    use rusqlite::ffi;
    assert!(matches!(said(ffi::SQLITE_FULL), DbError::Full));
    assert!(matches!(said(ffi::SQLITE_IOERR_SHMSIZE), DbError::Full));
    for code in [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_READONLY, ffi::SQLITE_CANTOPEN]
    {
        assert!(matches!(said(code), DbError::Storage(_)), "{code}");
    }
    for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_CORRUPT_INDEX, ffi::SQLITE_NOTADB] {
        assert!(matches!(said(code), DbError::Damaged(_)), "{code}");
    }
}
