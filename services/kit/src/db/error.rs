//! Failures of the database, told apart where callers act on them.

use sqlx::error::ErrorKind;
use std::sync::Arc;

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
    /// The job took longer than a write may; it was rolled back.
    #[error("the write took too long and was rolled back")]
    Timeout,
    /// The job panicked; it was rolled back.
    #[error("the write panicked and was rolled back")]
    Panicked,
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
    Engine(Arc<sqlx::Error>),
}

impl DbError {
    /// Whether a unique or primary key was taken.
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::Unique { .. })
    }

    /// Whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy | Self::Closed)
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
            _ => return Self::Engine(Arc::new(error)),
        };
        let constraint = || constraint(answer.constraint(), answer.message());
        match answer.kind() {
            ErrorKind::UniqueViolation => Self::Unique { constraint: constraint() },
            ErrorKind::ForeignKeyViolation => Self::ForeignKey { constraint: constraint() },
            ErrorKind::CheckViolation => Self::Check { constraint: constraint() },
            ErrorKind::NotNullViolation => Self::NotNull { constraint: constraint() },
            _ if answer.code().is_some_and(|code| is_contention(&code)) => Self::Busy,
            _ => Self::Engine(Arc::new(error)),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for DbError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(error.to_string())
    }
}

/// PostgreSQL names the constraint; SQLite says `UNIQUE constraint failed: orders.id`.
fn constraint(name: Option<&str>, message: &str) -> String {
    name.unwrap_or_else(|| message.rsplit("failed: ").next().unwrap_or(message)).to_owned()
}

/// SQLite's BUSY and LOCKED with their extended codes (the low byte is the primary code), and PostgreSQL's
/// serialization failure and deadlock.
fn is_contention(code: &str) -> bool {
    match code.len() {
        5 => matches!(code, "40001" | "40P01"),
        _ => code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6)),
    }
}
