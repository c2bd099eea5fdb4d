//! Opening a database: connections, pragmas, migrations.

use super::{Db, DbError, Inner, Migrator, Tx, Writes, topics::CommitCounts, writer};
use sqlx::{
    AnyConnection, ConnectOptions, Connection,
    any::{AnyConnectOptions, AnyPoolOptions},
};
use std::{fmt::Write as _, fs, path::Path, sync::Arc, thread, time::Duration};
use tokio::sync::mpsc;

/// Writes that may wait; further callers wait for a place.
const QUEUE: usize = 1_024;
/// Longest wait for a free reading connection.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(5);
const POSTGRES_CONNECTIONS: u32 = 16;

/// FULL flushes each commit to disk: a committed order survives a power cut.
const WRITER_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 5000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;";
/// A commit empties the page caches of the readers: with the file in memory, that costs no system call a page.
const READER_PRAGMAS: &str = "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; \
     PRAGMA mmap_size = 268435456;";

/// The kit's own tables, with a bookkeeping table of their own so that versions do not clash with the service's.
fn kit_migrations(mut migrator: Migrator) -> Migrator {
    migrator.dangerous_set_table_name("kit_migrations");
    migrator
}

pub(super) async fn sqlite(path: &Path, migrator: &'static Migrator) -> Result<Db, DbError> {
    sqlx::any::install_default_drivers();
    let failed = |problem: String| DbError::Open { path: path.display().to_string(), problem };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
    }
    let options = options(&format!("sqlite://{}?mode=rwc", escape(path)))?;
    let mut connection =
        AnyConnection::connect_with(&options).await.map_err(|error| failed(error.to_string()))?;
    sqlx::raw_sql(WRITER_PRAGMAS)
        .execute(&mut connection)
        .await
        .map_err(|error| failed(error.to_string()))?;
    kit_migrations(sqlx::migrate!("migrations/sqlite")).run(&mut connection).await?;
    migrator.run(&mut connection).await?;

    let cores = thread::available_parallelism().map_or(2, usize::from).max(2);
    let readers = AnyPoolOptions::new()
        .max_connections(u32::try_from(cores).unwrap_or(2))
        .acquire_timeout(ACQUIRE_LIMIT)
        .test_before_acquire(false)
        .max_lifetime(None)
        .idle_timeout(None)
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(READER_PRAGMAS).execute(connection).await?;
                Ok(())
            })
        })
        .connect_lazy_with(options);
    let counts = Arc::new(CommitCounts::default());
    let (commands, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(writer::run(Tx::own(connection), receiver, counts.clone()));
    Ok(Db(Arc::new(Inner { readers, writes: Writes::Grouped(commands), counts })))
}

pub(super) async fn postgres(url: &str, migrator: &'static Migrator) -> Result<Db, DbError> {
    sqlx::any::install_default_drivers();
    let readers = AnyPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE_LIMIT)
        .connect_with(options(url)?)
        .await?;
    kit_migrations(sqlx::migrate!("migrations/postgres")).run(&readers).await?;
    migrator.run(&readers).await?;
    Ok(Db(Arc::new(Inner { readers, writes: Writes::Pooled, counts: Arc::new(CommitCounts::default()) })))
}

fn options(url: &str) -> Result<AnyConnectOptions, DbError> {
    let options: AnyConnectOptions = url.parse().map_err(|error: sqlx::Error| DbError::from(error))?;
    Ok(options.disable_statement_logging())
}

/// A path as part of a URL; the driver decodes it.
fn escape(path: &Path) -> String {
    path.to_string_lossy().bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
        out
    })
}
