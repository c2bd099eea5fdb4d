//! One SQL statement with its values. The text is constant; values only travel as parameters.

use std::borrow::Cow;

use super::{BoxedRows, DbError, Executor, Row, Tx, lists::placeholders};
use crate::{
    BoxFuture,
    clock::Timestamp,
    page::{PAGE_BYTES, Rows},
};

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
    /// Reading ends with the row that makes them take more bytes than this.
    enough: usize,
}

/// A statement from a constant text.
pub fn sql(text: &'static str) -> Query {
    Query { text: Cow::Borrowed(text), values: Vec::new(), enough: usize::MAX }
}

/// A statement whose text was put together from constants, such as the clauses of a filter. Never put a caller's
/// text into it: bind it.
pub fn sql_dynamic(text: String) -> Query {
    Query { text: Cow::Owned(text), values: Vec::new(), enough: usize::MAX }
}

impl Query {
    /// Binds the next parameter.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Binds the next parameters, such as those of [`row_placeholders`](super::row_placeholders).
    pub fn bind_all(mut self, values: impl IntoIterator<Item: Into<Value>>) -> Self {
        self.values.extend(values.into_iter().map(Into::into));
        self
    }

    /// Adds more text.
    pub fn then(mut self, text: &'static str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Adds `AND`, a comparison such as `id <`, and its `value`; nothing if there is none. So the first page of a list
    /// needs no value that sorts before or after all others, which each collation would have another one of.
    pub fn and(self, comparison: &'static str, value: Option<impl Into<Value>>) -> Self {
        let Some(value) = value else { return self };
        let mut query = self.bind(value);
        let at = query.values.len();
        query.text.to_mut().push_str(&format!(" AND {comparison} ${at}"));
        query
    }

    /// Adds `column IN (…)` with `values`. With none of them nothing is in it; an empty list is no SQL.
    pub fn in_list(mut self, column: &'static str, values: impl IntoIterator<Item: Into<Value>>) -> Self {
        let before = self.values.len();
        self = self.bind_all(values);
        let count = self.values.len() - before;
        let condition = match count {
            0 => "FALSE".to_owned(),
            _ => format!("{column} IN ({})", placeholders(before + 1, count)),
        };
        self.text.to_mut().push_str(&condition);
        self
    }

    /// Runs the statement; returns how many rows it changed.
    ///
    /// # Errors
    /// [`DbError`], also when the number of values differs from the number of parameters.
    pub fn execute(self, on: &mut Tx) -> BoxFuture<'_, Result<u64, DbError>> {
        Box::pin(on.execute(self))
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Query::execute`].
    pub fn all<'e>(self, on: impl Executor + 'e) -> BoxedRows<'e> {
        on.fetch(self)
    }

    /// The rows of one page of a list: `size` at most, and no more than [`PAGE_BYTES`] hold, but one at least. The
    /// engine stops reading there, however long the rest is. The statement ends with its ORDER BY.
    ///
    /// # Errors
    /// As [`Query::execute`].
    pub fn page<'e>(
        mut self,
        on: impl Executor + 'e,
        size: usize,
    ) -> BoxFuture<'e, Result<Rows<Row>, DbError>> {
        // The row after the page tells that there is one.
        self.values.push(Value::Int(Some(i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1))));
        self.text = Cow::Owned(format!("{} LIMIT ${}", self.text, self.values.len()));
        self.enough = PAGE_BYTES;
        let rows = on.fetch(self);
        Box::pin(async move { Ok(Rows::cut(rows.await?, size, Row::bytes)) })
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

    /// The text and the values to bind.
    pub(super) fn parts(&self) -> (&str, &[Value]) {
        (&self.text, &self.values)
    }

    /// Whether `rows` that take `bytes` are all that is wanted: never before the second.
    pub(super) fn has_enough(&self, rows: usize, bytes: usize) -> bool {
        rows > 1 && bytes > self.enough
    }
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
