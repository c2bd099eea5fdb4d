//! A transaction, and what a statement can run on.

use std::sync::Arc;

use sqlx::{Postgres, pool::PoolConnection};

use super::{Db, DbError, Engine, Query, Row, Topics, condition::Observed, postgres, sqlite};
use crate::BoxFuture;

/// The rows a statement will return.
pub type BoxedRows<'e> = BoxFuture<'e, Result<Vec<Row>, DbError>>;

/// An open transaction; only [`Db::write`] makes one, and ends it.
pub struct Tx {
    connection: Connection,
    /// Where it notes what statements tell of the storage.
    pub(super) observed: Arc<Observed>,
    /// What the transaction touched, told to waiters once it is committed.
    pub(crate) touched: Topics,
}

enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(PoolConnection<Postgres>),
}

impl Tx {
    /// The transactions of SQLite's one writer.
    pub(super) fn sqlite(connection: rusqlite::Connection, observed: Arc<Observed>) -> Self {
        Self { connection: Connection::Sqlite(connection), observed, touched: Topics::NONE }
    }

    /// A transaction of PostgreSQL.
    pub(super) fn postgres(connection: PoolConnection<Postgres>, observed: Arc<Observed>) -> Self {
        Self { connection: Connection::Postgres(connection), observed, touched: Topics::NONE }
    }

    /// Closes the connection of a pool instead of returning it.
    pub(super) fn discard(self) {
        if let Connection::Postgres(connection) = self.connection {
            drop(connection.detach());
        }
    }

    /// Runs a statement that begins, ends or divides the transaction.
    pub(super) async fn control(&mut self, text: &'static str) -> Result<(), DbError> {
        let done = match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::control(connection, text),
            Connection::Postgres(connection) => postgres::control(connection, text).await,
        };
        self.observed.note(done)
    }

    /// Runs a statement that changes rows; returns how many.
    pub(super) async fn execute(&mut self, query: Query) -> Result<u64, DbError> {
        let done = match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::execute(connection, &query),
            Connection::Postgres(connection) => postgres::execute(connection, &query).await,
        };
        self.observed.note(done)
    }

    /// Makes writers of one lock wait for one another until the end of the transaction. SQLite has one writer anyway.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn serialize(&mut self, lock: i64) -> Result<(), DbError> {
        if matches!(self.connection, Connection::Postgres(_)) {
            // pg_advisory_xact_lock returns void, which is no type of ours.
            super::sql("SELECT CAST(COUNT(pg_advisory_xact_lock($1)) AS BIGINT) AS held")
                .bind(lock)
                .all(self)
                .await?;
        }
        Ok(())
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for &mut super::Tx {}
    impl Sealed for &super::Db {}
}

/// What can be read from: `&mut Tx` inside a write, `&Db` outside.
pub trait Executor: sealed::Sealed + Send {
    #[doc(hidden)]
    fn fetch<'e>(self, query: Query) -> BoxedRows<'e>
    where
        Self: 'e;
}

impl Executor for &mut Tx {
    fn fetch<'e>(self, query: Query) -> BoxedRows<'e>
    where
        Self: 'e,
    {
        Box::pin(async move {
            let rows = match &mut self.connection {
                Connection::Sqlite(connection) => sqlite::fetch(connection, &query),
                Connection::Postgres(connection) => postgres::fetch(&mut **connection, &query).await,
            };
            self.observed.note(rows)
        })
    }
}

impl Executor for &Db {
    fn fetch<'e>(self, query: Query) -> BoxedRows<'e>
    where
        Self: 'e,
    {
        Box::pin(async move {
            let rows = match &self.0.engine {
                Engine::Sqlite { readers, .. } => readers.clone().fetch(query).await,
                Engine::Postgres(pool) => postgres::fetch(pool, &query).await,
            };
            self.0.observed.note(rows)
        })
    }
}
