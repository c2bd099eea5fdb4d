//! Failures of the database, told apart where callers act on them.

use rusqlite::{ErrorCode, ffi};
use sqlx::error::ErrorKind;

/// A failure of the database. Cloned to every job of a batch whose commit failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// A unique or primary key is taken. `constraint` is its name (PostgreSQL) or its columns (SQLite: `table.column, …`).
    #[error("unique constraint {constraint} is violated")]
    Unique { constraint: String },
    /// A CHECK failed.
    #[error("check constraint {constraint} is violated")]
    Check { constraint: String },
    /// A referenced row is missing, or still referenced.
    #[error("foreign key {constraint} is violated")]
    ForeignKey { constraint: String },
    /// A column must not be NULL.
    #[error("{constraint} must not be NULL")]
    NotNull { constraint: String },
    /// Placeholders and bound values do not match; SQLite would read the missing ones as NULL.
    #[error("the statement has {expected} parameters, {given} were bound: {sql}")]
    Arity { expected: usize, given: usize, sql: String },
    /// Another transaction was in the way; nothing was changed.
    #[error("the database is busy")]
    Busy,
    /// The disk is full; nothing was changed.
    #[error("the disk is full")]
    Full,
    /// The disk refuses to be read or written; nothing was changed.
    #[error("the storage fails: {0}")]
    Storage(String),
    /// What was read cannot be what was written.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The job took longer than a write may; it was rolled back.
    #[error("the write took too long and was rolled back")]
    Timeout,
    /// The job panicked; it was rolled back.
    #[error("the write panicked and was rolled back")]
    Panicked,
    /// A read took too long for the thread it ran on.
    #[error("the read was interrupted")]
    Interrupted,
    /// The database is closing.
    #[error("the database is closed")]
    Closed,
    /// `one` found no row.
    #[error("the statement returned no row")]
    NoRow,
    /// A column is missing or holds another type.
    #[error("column {column}: {problem}")]
    Column { column: String, problem: String },
    /// The file or folder could not be prepared.
    #[error("{path}: {problem}")]
    Open { path: String, problem: String },
    /// A migration failed or was changed after it had run.
    #[error("migration: {0}")]
    Migration(String),
    /// Anything else the engine reports.
    #[error("{0}")]
    Engine(String),
}

impl DbError {
    /// Whether a unique or primary key was taken.
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::Unique { .. })
    }

    /// Whether a constraint was violated. A deferred one shows only when the transaction commits.
    pub(super) fn is_constraint(&self) -> bool {
        matches!(
            self,
            Self::Unique { .. } | Self::Check { .. } | Self::ForeignKey { .. } | Self::NotNull { .. }
        )
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let answer = match &error {
            sqlx::Error::Database(answer) => answer,
            sqlx::Error::PoolTimedOut => return Self::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => return Self::Closed,
            _ => return Self::Engine(error.to_string()),
        };
        let constraint = || answer.constraint().unwrap_or(answer.message()).to_owned();
        match answer.kind() {
            ErrorKind::UniqueViolation => Self::Unique { constraint: constraint() },
            ErrorKind::ForeignKeyViolation => Self::ForeignKey { constraint: constraint() },
            ErrorKind::CheckViolation => Self::Check { constraint: constraint() },
            ErrorKind::NotNullViolation => Self::NotNull { constraint: constraint() },
            // Serialization failure and deadlock (postgresql.org/docs/current/errcodes-appendix.html).
            _ => match answer.code().as_deref() {
                Some("40001" | "40P01") => Self::Busy,
                // disk_full; io_error; data_corrupted and index_corrupted.
                Some("53100") => Self::Full,
                Some("58030") => Self::Storage(error.to_string()),
                Some("XX001" | "XX002") => Self::Damaged(error.to_string()),
                _ => Self::Engine(error.to_string()),
            },
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, Some(message)) = &error else {
            return Self::Engine(error.to_string());
        };
        // It says `UNIQUE constraint failed: orders.id`.
        let constraint = || message.rsplit("failed: ").next().unwrap_or(message).to_owned();
        match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => Self::Unique { constraint: constraint() },
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Self::ForeignKey { constraint: constraint() },
            ffi::SQLITE_CONSTRAINT_CHECK => Self::Check { constraint: constraint() },
            ffi::SQLITE_CONSTRAINT_NOTNULL => Self::NotNull { constraint: constraint() },
            _ if matches!(failure.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => match failure.code {
                ErrorCode::OperationInterrupted => Self::Interrupted,
                ErrorCode::DiskFull => Self::Full,
                // An index of shared memory that cannot grow is a full disk too.
                _ if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => Self::Full,
                ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen => {
                    Self::Storage(message.clone())
                }
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(message.clone()),
                _ => Self::Engine(error.to_string()),
            },
        }
    }
}

impl From<sqlx::migrate::MigrateError> for DbError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(error.to_string())
    }
}
