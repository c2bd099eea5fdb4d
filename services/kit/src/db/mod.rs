//! The database of one service: SQLite in a file, or PostgreSQL, behind one type and one SQL text.
//!
//! [`Db::write`] is the only write path. On SQLite one thread owns the writing connection and commits waiting writes
//! together; readers have connections of their own and never wait for it.

mod coded;
mod condition;
mod error;
mod job;
mod lists;
mod migrations;
mod postgres;
mod query;
mod row;
mod sqlite;
pub(crate) mod tables;
mod topics;
mod tx;

pub use coded::Coded;
pub use condition::Condition;
pub use error::DbError;
pub use lists::{ROWS_PER_STATEMENT, row_placeholders};
pub use migrations::{Migrations, migrator};
pub use query::{Query, Scalar, Value, sql, sql_dynamic};
pub use row::Row;
pub use sqlx::migrate::Migrator;
pub use topics::Topic;
pub(crate) use topics::Topics;
pub use tx::{BoxedRows, Executor, Tx};

use std::{path::Path, sync::Arc};

use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot, watch};

use crate::BoxFuture;
use condition::Observed;
use job::{Job, TypedJob};
use sqlite::{Command, Readers};
use topics::CommitCounts;

/// A handle to the database; clones share it.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    counts: Arc<CommitCounts>,
    observed: Arc<Observed>,
}

enum Engine {
    Sqlite { readers: Arc<Readers>, writer: mpsc::Sender<Command> },
    Postgres(PgPool),
}

impl Db {
    /// Opens, and creates if need be, the SQLite file at `path`; runs the kit's migrations, then the service's.
    ///
    /// # Errors
    /// [`DbError::Open`] when the file cannot be opened, [`DbError::Migration`] when a migration fails.
    pub async fn open(path: &Path, migrator: &'static Migrator) -> Result<Db, DbError> {
        sqlite::open(path, migrator).await
    }

    /// Opens the PostgreSQL database at `url` (`postgres://…`), with migrations as [`Db::open`].
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_url(url: &str, migrator: &'static Migrator) -> Result<Db, DbError> {
        postgres::open(url, migrator).await
    }

    /// Runs `job` in a transaction and commits it; the job's error rolls it back.
    ///
    /// It runs to its end even when the returned future is dropped. `job` holds SQL only and may be run again, so it
    /// must have no other effect; it must not wait for another write.
    ///
    /// # Errors
    /// The job's own, or [`DbError`] of the engine.
    pub async fn write<D, T, E, F>(&self, data: D, job: F) -> Result<T, E>
    where
        D: Send + Sync + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t D) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(TypedJob { data, job, result: None, reply })).await?;
        answer.await.unwrap_or_else(|_| Err(E::from(DbError::Closed)))
    }

    async fn submit(&self, job: Box<dyn Job>) -> Result<(), DbError> {
        match &self.0.engine {
            Engine::Sqlite { writer, .. } => {
                writer.send(Command::Write(job)).await.map_err(|_| DbError::Closed)
            }
            Engine::Postgres(pool) => {
                postgres::spawn(pool.clone(), job, self.0.counts.clone(), self.0.observed.clone());
                Ok(())
            }
        }
    }

    /// Changes after each commit that touched `topic`.
    pub fn committed(&self, topic: Topic) -> watch::Receiver<u64> {
        self.0.counts.subscribe(topic)
    }

    /// What the storage was last seen to be; changes when a statement tells otherwise.
    pub fn condition(&self) -> watch::Receiver<Condition> {
        self.0.observed.subscribe()
    }

    /// Finishes queued writes, refuses new ones, checkpoints and closes all connections.
    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Sqlite { readers, writer } => {
                readers.close().await;
                let (done, closed) = oneshot::channel();
                if writer.send(Command::Close(done)).await.is_ok() {
                    let _ = closed.await;
                }
            }
            Engine::Postgres(pool) => pool.close().await,
        }
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
