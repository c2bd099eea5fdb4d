//! One statement on a connection, prepared once and kept.

use rusqlite::{
    CachedStatement, Connection, StatementStatus, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use crate::db::{
    DbError, Query, Row,
    query::Value,
    row::{Cell, Columns},
};

/// Runs a statement that returns rows.
pub(in crate::db) fn fetch(connection: &Connection, query: &Query) -> Result<Vec<Row>, DbError> {
    let mut statement = prepare(connection, query)?;
    let columns: Columns = statement.column_names().into_iter().map(str::to_owned).collect();
    let (mut found, mut bytes) = (Vec::new(), 0);
    let mut rows = statement.raw_query();
    while !query.has_enough(found.len(), bytes)
        && let Some(row) = rows.next()?
    {
        let cells = (0..columns.len()).map(|index| cell(row.get_ref(index)?, &columns[index]));
        let row = Row::new(columns.clone(), cells.collect::<Result<_, _>>()?);
        bytes += row.bytes();
        found.push(row);
    }
    Ok(found)
}

/// Runs a statement without rows; returns how many it changed.
pub(in crate::db) fn execute(connection: &Connection, query: &Query) -> Result<u64, DbError> {
    Ok(prepare(connection, query)?.raw_execute()? as u64)
}

/// Runs a statement for its effect on the connection, such as BEGIN.
pub(in crate::db) fn control(connection: &Connection, text: &str) -> Result<(), DbError> {
    let mut statement = connection.prepare_cached(text)?;
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

fn prepare<'c>(connection: &'c Connection, query: &Query) -> Result<CachedStatement<'c>, DbError> {
    let (text, values) = query.parts();
    let mut statement = connection.prepare_cached(text)?;
    // Otherwise the limit of short reads would count earlier runs too.
    statement.reset_status(StatementStatus::VmStep);
    let mut expected = 0;
    for index in 1..=statement.parameter_count() {
        // SQLite numbers `$2` by where it first stands; its name says which value is meant.
        let number = statement.parameter_name(index).and_then(|name| name.strip_prefix('$')?.parse().ok());
        let number: usize = number.unwrap_or(index);
        expected = expected.max(number);
        if let Some(value) = number.checked_sub(1).and_then(|place| values.get(place)) {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    // SQLite would read a missing value as NULL.
    if expected != values.len() {
        return Err(DbError::Arity { expected, given: values.len(), sql: text.to_owned() });
    }
    Ok(statement)
}

fn cell(value: ValueRef<'_>, column: &str) -> Result<Cell, DbError> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Text(text) => Cell::Text(
            String::from_utf8(text.to_vec())
                .map_err(|error| DbError::Column { column: column.to_owned(), problem: error.to_string() })?,
        ),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
        ValueRef::Real(_) => Cell::Other("REAL".to_owned()),
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Value::Int(value) => value.map(ValueRef::Integer),
            Value::Text(value) => value.as_deref().map(ValueRef::from),
            Value::Blob(value) => value.as_deref().map(ValueRef::from),
        };
        Ok(ToSqlOutput::Borrowed(value.unwrap_or(ValueRef::Null)))
    }
}
