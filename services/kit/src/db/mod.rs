//! The database of one service: SQLite in a file, or PostgreSQL, behind one type and one SQL text.
//!
//! [`Db::write`] is the only write path. On SQLite one task owns the writing connection and commits waiting writes
//! together; readers have connections of their own and never wait for it.

mod error;
mod job;
mod open;
mod pooled;
mod query;
mod row;
mod topics;
mod tx;
mod writer;

pub use error::DbError;
pub use query::{Query, Scalar, Value, sql, sql_dynamic};
pub use row::Row;
pub use sqlx::migrate::Migrator;
pub use topics::Topic;
pub(crate) use topics::Topics;
pub use tx::{BoxedRows, Executor, Tx};

use crate::BoxFuture;
use job::{Job, TypedJob};
use sqlx::AnyPool;
use std::{path::Path, sync::Arc};
use tokio::sync::{mpsc, oneshot, watch};
use topics::CommitCounts;
use writer::Command;

/// A handle to the database; clones share it.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    readers: AnyPool,
    writes: Writes,
    counts: Arc<CommitCounts>,
}

enum Writes {
    /// SQLite: to the one writer.
    Grouped(mpsc::Sender<Command>),
    /// PostgreSQL: each in its own transaction, on the same pool as the reads.
    Pooled,
}

impl Db {
    /// Opens, and creates if need be, the SQLite file at `path`; runs the kit's migrations, then the service's.
    ///
    /// # Errors
    /// [`DbError::Open`] when the file cannot be opened, [`DbError::Migration`] when a migration fails.
    pub async fn open(path: &Path, migrator: &'static Migrator) -> Result<Db, DbError> {
        open::sqlite(path, migrator).await
    }

    /// Opens the PostgreSQL database at `url` (`postgres://…`), with migrations as [`Db::open`].
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_url(url: &str, migrator: &'static Migrator) -> Result<Db, DbError> {
        open::postgres(url, migrator).await
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
        match &self.0.writes {
            Writes::Grouped(writer) => writer.send(Command::Write(job)).await.map_err(|_| DbError::Closed),
            Writes::Pooled => {
                pooled::spawn(self.0.readers.clone(), job, self.0.counts.clone());
                Ok(())
            }
        }
    }

    /// Changes after each commit that touched `topic`.
    pub fn committed(&self, topic: Topic) -> watch::Receiver<u64> {
        self.0.counts.subscribe(topic)
    }

    /// Finishes queued writes, refuses new ones, checkpoints and closes all connections.
    pub async fn close(&self) {
        self.0.readers.close().await;
        if let Writes::Grouped(writer) = &self.0.writes {
            let (done, closed) = oneshot::channel();
            if writer.send(Command::Close(done)).await.is_ok() {
                let _ = closed.await;
            }
        }
    }

    fn readers(&self) -> &AnyPool {
        &self.0.readers
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
