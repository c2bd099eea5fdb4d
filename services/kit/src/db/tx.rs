//! A transaction, and what a statement can run on.

use super::{Db, DbError, Query, Row, Topics};
use crate::BoxFuture;
use sqlx::{Any, AnyConnection, pool::PoolConnection};

/// The rows a statement will return.
pub type BoxedRows<'e> = BoxFuture<'e, Result<Vec<Row>, DbError>>;

/// An open transaction; only [`Db::write`] makes one, and ends it.
pub struct Tx {
    connection: Connection,
    /// What the transaction touched, told to waiters once it is committed.
    pub(crate) touched: Topics,
    /// Whether statements may use SQLite's dialect.
    pub(super) sqlite: bool,
}

enum Connection {
    Own(AnyConnection),
    Pooled(PoolConnection<Any>),
}

impl Tx {
    /// The transactions of SQLite's one writer.
    pub(super) fn own(connection: AnyConnection) -> Self {
        Self { connection: Connection::Own(connection), touched: Topics::NONE, sqlite: true }
    }

    /// A transaction of a pool.
    pub(super) fn pooled(connection: PoolConnection<Any>) -> Self {
        Self { connection: Connection::Pooled(connection), touched: Topics::NONE, sqlite: false }
    }

    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        match &mut self.connection {
            Connection::Own(connection) => connection,
            Connection::Pooled(connection) => connection,
        }
    }

    /// Closes the connection of a pooled transaction instead of returning it.
    pub(super) fn discard(self) {
        if let Connection::Pooled(connection) = self.connection {
            drop(connection.detach());
        }
    }

    /// Runs a statement that takes no part in the arity rule, such as BEGIN.
    pub(super) async fn control(&mut self, text: &'static str) -> Result<(), DbError> {
        sqlx::raw_sql(text).execute(self.connection()).await?;
        Ok(())
    }

    /// Makes writers of one lock wait for one another until the end of the transaction. SQLite has one writer anyway.
    pub(crate) async fn serialize(&mut self, lock: i64) -> Result<(), DbError> {
        if !self.sqlite {
            // pg_advisory_xact_lock returns void, which the driver cannot read as a row.
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

/// What a statement can run on: `&mut Tx` inside a write, `&Db` for a read outside.
pub trait Executor: sealed::Sealed + Send {
    #[doc(hidden)]
    fn fetch<'e>(self, query: Query) -> BoxedRows<'e>
    where
        Self: 'e;

    #[doc(hidden)]
    fn execute<'e>(self, query: Query) -> BoxFuture<'e, Result<u64, DbError>>
    where
        Self: 'e;
}

impl Executor for &mut Tx {
    fn fetch<'e>(self, query: Query) -> BoxedRows<'e>
    where
        Self: 'e,
    {
        Box::pin(async move {
            let rows = query.prepare()?.fetch_all(self.connection()).await?;
            Ok(rows.into_iter().map(Row).collect())
        })
    }

    fn execute<'e>(self, query: Query) -> BoxFuture<'e, Result<u64, DbError>>
    where
        Self: 'e,
    {
        Box::pin(async move { Ok(query.prepare()?.execute(self.connection()).await?.rows_affected()) })
    }
}

impl Executor for &Db {
    fn fetch<'e>(self, query: Query) -> BoxedRows<'e>
    where
        Self: 'e,
    {
        Box::pin(async move {
            let rows = query.prepare()?.fetch_all(self.readers()).await?;
            Ok(rows.into_iter().map(Row).collect())
        })
    }

    /// Fails on SQLite, whose readers are read-only: writes go through [`Db::write`].
    fn execute<'e>(self, query: Query) -> BoxFuture<'e, Result<u64, DbError>>
    where
        Self: 'e,
    {
        Box::pin(async move { Ok(query.prepare()?.execute(self.readers()).await?.rows_affected()) })
    }
}
