//! A row of a result, read by column name.

use super::DbError;
use sqlx::{Any, Decode, Row as _, Type, any::AnyRow};

/// A row of a result.
pub struct Row(pub(super) AnyRow);

impl Row {
    /// TEXT.
    ///
    /// # Errors
    /// [`DbError::Column`] when the column is missing, NULL or of another type; the same for the accessors below.
    pub fn text(&self, column: &str) -> Result<String, DbError> {
        self.get(column)
    }

    /// TEXT or NULL.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, DbError> {
        self.get(column)
    }

    /// BIGINT.
    pub fn int(&self, column: &str) -> Result<i64, DbError> {
        self.get(column)
    }

    /// BIGINT or NULL.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, DbError> {
        self.get(column)
    }

    /// BLOB or BYTEA.
    pub fn blob(&self, column: &str) -> Result<Vec<u8>, DbError> {
        self.get(column)
    }

    /// BLOB, BYTEA or NULL.
    pub fn opt_blob(&self, column: &str) -> Result<Option<Vec<u8>>, DbError> {
        self.get(column)
    }

    /// A boolean stored as BIGINT 0 or 1.
    pub fn bool(&self, column: &str) -> Result<bool, DbError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(DbError::Column {
                column: column.to_owned(),
                problem: format!("{other} is neither 0 nor 1"),
            }),
        }
    }

    fn get<'r, T: Decode<'r, Any> + Type<Any>>(&'r self, column: &str) -> Result<T, DbError> {
        self.0
            .try_get(column)
            .map_err(|error| DbError::Column { column: column.to_owned(), problem: error.to_string() })
    }
}
