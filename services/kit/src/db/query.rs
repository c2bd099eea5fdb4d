//! One SQL statement with its values. The text is constant; values only travel as parameters.

use super::{BoxedRows, DbError, Executor, Row};
use crate::{BoxFuture, clock::Timestamp};
use sqlx::{Any, AssertSqlSafe, SqlSafeStr, any::AnyArguments};
use std::borrow::Cow;

/// A value to bind. NULL keeps its type, which PostgreSQL wants to know.
#[derive(Clone, Debug)]
pub enum Value {
    /// BIGINT, and booleans as 0 or 1.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<String>),
    /// BLOB or BYTEA.
    Blob(Option<Vec<u8>>),
}

/// A statement with the parameters `$1`, `$2`… See [`sql`].
#[derive(Debug)]
#[must_use = "a statement does nothing until it is run"]
pub struct Query {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

/// A statement from a constant text.
pub fn sql(text: &'static str) -> Query {
    Query { text: Cow::Borrowed(text), values: Vec::new() }
}

/// A statement whose text was put together from constants, such as the clauses of a filter. Never put a caller's
/// text into it: bind it.
pub fn sql_dynamic(text: String) -> Query {
    Query { text: Cow::Owned(text), values: Vec::new() }
}

impl Query {
    /// Binds the next parameter.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs the statement; returns how many rows it changed.
    ///
    /// # Errors
    /// [`DbError`], also when the number of values differs from the number of parameters.
    pub fn execute<'e>(self, on: impl Executor + 'e) -> BoxFuture<'e, Result<u64, DbError>> {
        on.execute(self)
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Query::execute`].
    pub fn all<'e>(self, on: impl Executor + 'e) -> BoxedRows<'e> {
        on.fetch(self)
    }

    /// The first row, if any.
    ///
    /// # Errors
    /// As [`Query::execute`].
    pub fn optional<'e>(self, on: impl Executor + 'e) -> BoxFuture<'e, Result<Option<Row>, DbError>> {
        let rows = on.fetch(self);
        Box::pin(async move { Ok(rows.await?.into_iter().next()) })
    }

    /// The first row.
    ///
    /// # Errors
    /// As [`Query::execute`], and [`DbError::NoRow`].
    pub fn one<'e>(self, on: impl Executor + 'e) -> BoxFuture<'e, Result<Row, DbError>> {
        let row = self.optional(on);
        Box::pin(async move { row.await?.ok_or(DbError::NoRow) })
    }

    /// The statement for the driver.
    pub(super) fn prepare(self) -> Result<sqlx::query::Query<'static, Any, AnyArguments>, DbError> {
        let expected = parameters(&self.text);
        if expected != self.values.len() {
            return Err(DbError::Arity { expected, given: self.values.len(), sql: self.text.into_owned() });
        }
        let text = match self.text {
            Cow::Borrowed(text) => text.into_sql_str(),
            // Promised by the contract of `sql_dynamic`.
            Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
        };
        Ok(self.values.into_iter().fold(sqlx::query(text), |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Blob(value) => query.bind(value),
        }))
    }
}

/// The highest `$n` outside quotes and line comments.
fn parameters(text: &str) -> usize {
    let mut highest = 0;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\'' | b'"' => while bytes.next().is_some_and(|inner| inner != byte) {},
            b'-' if bytes.peek() == Some(&b'-') => while bytes.next().is_some_and(|inner| inner != b'\n') {},
            b'$' => {
                let mut number = 0_usize;
                while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
                    number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
                }
                highest = highest.max(number);
            }
            _ => {}
        }
    }
    highest
}

/// A type with a typed NULL.
pub trait Scalar: Into<Value> {
    /// NULL of this type.
    const NULL: Value;
}

macro_rules! scalar {
    ($($type:ty => $variant:ident, $convert:expr;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let convert: fn($type) -> _ = $convert;
                Value::$variant(Some(convert(value)))
            }
        }
        impl Scalar for $type {
            const NULL: Value = Value::$variant(None);
        }
    )*};
}

scalar! {
    i64 => Int, |value| value;
    i32 => Int, i64::from;
    u32 => Int, i64::from;
    bool => Int, i64::from;
    Timestamp => Int, |value| value.0;
    &str => Text, str::to_owned;
    String => Text, |value| value;
    &String => Text, String::clone;
    Vec<u8> => Blob, |value| value;
    &[u8] => Blob, <[u8]>::to_vec;
    &Vec<u8> => Blob, Vec::clone;
    bytes::Bytes => Blob, |value| value.to_vec();
}

impl<T: Scalar> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(T::NULL, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_parameters() {
        assert_eq!(parameters("SELECT 1"), 0);
        assert_eq!(parameters("SELECT $1, $2, $1"), 2);
        assert_eq!(parameters("SELECT '$9', \"$8\", $1 -- $7\n, $2"), 2);
        assert_eq!(parameters("SELECT 'it''s $4' || $11"), 11);
        assert_eq!(parameters("SELECT '$"), 0);
    }

    #[test]
    fn a_missing_value_is_an_error() {
        let error = sql("SELECT $1, $2").bind(1_i64).prepare().err().unwrap();
        assert!(matches!(error, DbError::Arity { expected: 2, given: 1, .. }));
    }
}
