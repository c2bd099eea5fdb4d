//! The reading connections: at most one a core, opened when first needed.
//!
//! Most reads take some ten microseconds, less than it costs to hand them to another thread. So each starts where it is
//! asked for; the few that turn out to be long are cut short and run again on the blocking pool, where they hold up
//! nobody.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use rusqlite::Connection;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use super::{READER_PRAGMAS, connect, failed, lost, statement};
use crate::db::{DbError, Query, Row};

/// Longest wait for a free connection.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(5);
/// Steps of SQLite's virtual machine that a read may take on a thread of the runtime: well below a millisecond.
const SHORT: i32 = 5_000;

thread_local! {
    /// Whether a read on this thread must be short.
    static MUST_BE_SHORT: Cell<bool> = const { Cell::new(false) };
}

/// A pool of connections that cannot write.
pub(in crate::db) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// A permit for each connection that may be in use.
    permits: Arc<Semaphore>,
    size: u32,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        let size = thread::available_parallelism().map_or(2, usize::from).max(2);
        let permits = Arc::new(Semaphore::new(size));
        Self { path, idle: Mutex::default(), permits, size: u32::try_from(size).unwrap_or(u32::MAX) }
    }

    /// All rows of a statement.
    pub(in crate::db) async fn fetch(self: Arc<Self>, query: Query) -> Result<Vec<Row>, DbError> {
        let permit = timeout(ACQUIRE_LIMIT, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| DbError::Busy)?.map_err(|_| DbError::Closed)?;
        let connection = self.take()?;
        MUST_BE_SHORT.set(true);
        let rows = statement::fetch(&connection, &query);
        MUST_BE_SHORT.set(false);
        if !matches!(rows, Err(DbError::Interrupted)) {
            self.put(connection, permit);
            return rows;
        }
        let long = spawn_blocking(move || {
            let rows = statement::fetch(&connection, &query);
            self.put(connection, permit);
            rows
        });
        long.await.map_err(lost)?
    }

    fn take(&self) -> Result<Connection, DbError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open(&self.path).map_err(|error| failed(&self.path, error)), Ok)
    }

    /// Whoever gets the permit finds the connection.
    fn put(&self, connection: Connection, permit: OwnedSemaphorePermit) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        drop(permit);
    }

    /// Waits for reads that run, refuses new ones, closes the connections.
    pub(in crate::db) async fn close(&self) {
        // An error means that it is closed already.
        let _all = self.permits.acquire_many(self.size).await;
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, READER_PRAGMAS)?;
    connection.progress_handler(SHORT, Some(|| MUST_BE_SHORT.get()))?;
    Ok(connection)
}
