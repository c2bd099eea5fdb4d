//! A row of a result, read by column name.

use std::sync::Arc;

use super::DbError;

/// The names of a result's columns, shared by its rows.
pub(super) type Columns = Arc<[String]>;

/// One value.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    /// A type that no schema of ours has, by its engine's name.
    Other(String),
}

impl Cell {
    /// Bytes it takes in memory, give or take a few.
    fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Text(value) => value.len(),
                Self::Blob(value) => value.len(),
                Self::Null | Self::Int(_) | Self::Other(_) => 0,
            }
    }

    fn type_name(&self) -> &str {
        match self {
            Self::Null => "NULL",
            Self::Int(_) => "BIGINT",
            Self::Text(_) => "TEXT",
            Self::Blob(_) => "BLOB",
            Self::Other(name) => name,
        }
    }
}

/// A row of a result.
#[derive(Debug)]
pub struct Row {
    columns: Columns,
    cells: Vec<Cell>,
}

macro_rules! accessors {
    ($($variant:ident($value:ident) -> $type:ty: $get:ident, $opt:ident = $copy:expr, $name:literal;)*) => {$(
        #[doc = concat!($name, ".\n\n# Errors\n[`DbError::Column`] when the column is missing, NULL or of another type.")]
        pub fn $get(&self, column: &str) -> Result<$type, DbError> {
            self.$opt(column)?.ok_or_else(|| wrong(column, "is NULL"))
        }

        #[doc = concat!($name, ", or NULL.\n\n# Errors\n[`DbError::Column`] when the column is missing or of another type.")]
        pub fn $opt(&self, column: &str) -> Result<Option<$type>, DbError> {
            match self.cell(column)? {
                Cell::Null => Ok(None),
                Cell::$variant($value) => Ok(Some($copy)),
                other => Err(wrong(column, format!("is {}, not {}", other.type_name(), $name))),
            }
        }
    )*};
}

impl Row {
    pub(super) fn new(columns: Columns, cells: Vec<Cell>) -> Self {
        Self { columns, cells }
    }

    /// Bytes it takes in memory, give or take a few.
    pub(super) fn bytes(&self) -> usize {
        self.cells.iter().map(Cell::bytes).sum()
    }

    accessors! {
        Text(value) -> String: text, opt_text = value.clone(), "TEXT";
        Int(value) -> i64: int, opt_int = *value, "BIGINT";
        Blob(value) -> Vec<u8>: blob, opt_blob = value.clone(), "BLOB";
    }

    /// A boolean stored as BIGINT 0 or 1.
    ///
    /// # Errors
    /// As [`Row::int`], and for another number.
    pub fn bool(&self, column: &str) -> Result<bool, DbError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(wrong(column, format!("{other} is neither 0 nor 1"))),
        }
    }

    fn cell(&self, column: &str) -> Result<&Cell, DbError> {
        let index = self.columns.iter().position(|name| name == column);
        index.and_then(|index| self.cells.get(index)).ok_or_else(|| wrong(column, "is not in the result"))
    }
}

fn wrong(column: &str, problem: impl Into<String>) -> DbError {
    DbError::Column { column: column.to_owned(), problem: problem.into() }
}
