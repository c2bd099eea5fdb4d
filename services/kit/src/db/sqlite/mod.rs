//! SQLite: one file, one writer on a thread of its own, several readers.
//!
//! Statements run on the thread that asks for them. A driver that hands each one to another thread spends more on the
//! two switches than on the statement.

mod mark;
mod migrations;
mod readers;
mod statement;
mod writer;

pub(super) use readers::Readers;
pub(super) use statement::{control, execute, fetch};
pub(super) use writer::Command;

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc, thread};

use rusqlite::{Connection, OpenFlags};
use shopmesh_mesh::private;
use tokio::{
    runtime::Handle,
    sync::mpsc,
    task::{JoinError, spawn_blocking},
};

use super::{
    Db, DbError, Engine, Inner, Migrations, Migrator, Tx, condition::Observed, tables, topics::CommitCounts,
};

/// Writes that may wait; further callers wait for a place.
const QUEUE: usize = 1_024;
/// Statements a connection keeps prepared: more than the largest service has.
const PREPARED: usize = 256;

/// FULL flushes each commit to disk: a committed order survives a power cut.
const WRITER_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 5000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;";
/// A commit empties the page caches of the readers: with the file in memory, that costs no system call a page.
const READER_PRAGMAS: &str = "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; \
     PRAGMA mmap_size = 268435456;";

/// The kit's own tables.
static KIT: Migrations =
    crate::migrations!("migrations/sqlite": "0001_kit.sql", "0002_inbox_order.sql", "0003_facts.sql");

/// Opens, and creates if need be, the database in the file at `path`, and brings its tables up to date.
pub(super) async fn open(path: &Path, migrator: &'static Migrator) -> Result<Db, DbError> {
    let file = path.to_owned();
    let connection = spawn_blocking(move || prepare(&file, migrator)).await.map_err(lost)??;
    let (counts, observed) = (Arc::new(CommitCounts::default()), Arc::new(Observed::default()));
    let (commands, receiver) = mpsc::channel(QUEUE);
    let (runtime, committed) = (Handle::current(), counts.clone());
    let tx = Tx::sqlite(connection, observed.clone());
    let writing = move || runtime.block_on(writer::run(tx, receiver, committed));
    thread::Builder::new()
        .name("db-writer".to_owned())
        .spawn(writing)
        .map_err(|error| failed(path, error))?;
    let readers = Arc::new(Readers::new(path.to_owned()));
    Ok(Db(Arc::new(Inner { engine: Engine::Sqlite { readers, writer: commands }, counts, observed })))
}

fn prepare(path: &Path, migrator: &Migrator) -> Result<Connection, DbError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private::folder(folder).map_err(|error| failed(path, error))?;
    }
    close_to_others(path).map_err(|error| failed(path, error))?;
    let mut connection = connect(path, WRITER_PRAGMAS).map_err(|error| unusable(path, error.into()))?;
    check_pages(&connection).map_err(|error| unusable(path, error))?;
    migrations::run(&mut connection, &KIT, tables::MIGRATIONS)?;
    mark::check(&connection, path)?;
    migrations::run(&mut connection, migrator, &migrator.table_name)?;
    Ok(connection)
}

/// SQLite gives the mode of the database to the files it makes beside it.
fn close_to_others(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match private::close(Path::new(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Reads every page once: what is damaged is told at the start, not by the customer who needs it.
fn check_pages(connection: &Connection) -> Result<(), DbError> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(DbError::Damaged(found)) }
}

/// As [`failed`], with the remedy where there is one.
fn unusable(path: &Path, error: DbError) -> DbError {
    match error {
        DbError::Damaged(_) => failed(path, format!("{error}: restore it from a backup")),
        _ => failed(path, error),
    }
}

/// A connection; the path is taken literally, not as a URI.
fn connect(path: &Path, pragmas: &str) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(pragmas)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

fn failed(path: &Path, problem: impl std::fmt::Display) -> DbError {
    DbError::Open { path: path.display().to_string(), problem: problem.to_string() }
}

/// What became of work on the blocking pool that gave no answer.
fn lost(error: JoinError) -> DbError {
    if error.is_panic() { DbError::Panicked } else { DbError::Closed }
}
