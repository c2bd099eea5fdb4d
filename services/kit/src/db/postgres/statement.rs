//! One statement on a connection or the pool.

use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Column, Executor, PgConnection, Postgres, Row as _, TypeInfo,
    postgres::{PgArguments, PgRow},
};

use crate::db::{
    DbError, Query, Row,
    query::Value,
    row::{Cell, Columns},
};

/// Runs a statement that returns rows.
pub(in crate::db) async fn fetch(
    on: impl Executor<'_, Database = Postgres>,
    query: &Query,
) -> Result<Vec<Row>, DbError> {
    let mut rows = statement(query).fetch(on);
    let (mut found, mut bytes) = (Vec::new(), 0);
    let mut columns: Option<Columns> = None;
    while !query.has_enough(found.len(), bytes)
        && let Some(row) = rows.try_next().await?
    {
        let named = || row.columns().iter().map(|column| column.name().to_owned()).collect();
        let row = Row::new(columns.get_or_insert_with(named).clone(), cells(&row)?);
        bytes += row.bytes();
        found.push(row);
    }
    Ok(found)
}

/// Runs a statement without rows; returns how many it changed.
pub(in crate::db) async fn execute(on: &mut PgConnection, query: &Query) -> Result<u64, DbError> {
    Ok(statement(query).execute(on).await?.rows_affected())
}

/// Runs a statement for its effect on the connection, such as BEGIN.
pub(in crate::db) async fn control(on: &mut PgConnection, text: &'static str) -> Result<(), DbError> {
    sqlx::raw_sql(text).execute(on).await?;
    Ok(())
}

fn statement(query: &Query) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    let (text, values) = query.parts();
    // The contract of `sql_dynamic`: no text of a caller is in it.
    let statement = sqlx::query(AssertSqlSafe(text.to_owned()));
    values.iter().cloned().fold(statement, |statement, value| match value {
        Value::Int(value) => statement.bind(value),
        Value::Text(value) => statement.bind(value),
        Value::Blob(value) => statement.bind(value),
    })
}

fn cells(row: &PgRow) -> Result<Vec<Cell>, DbError> {
    let columns = row.columns().iter().enumerate();
    columns
        .map(|(index, column)| {
            Ok(match column.type_info().name() {
                "INT8" => row.try_get::<Option<i64>, _>(index)?.map_or(Cell::Null, Cell::Int),
                "INT4" => {
                    row.try_get::<Option<i32>, _>(index)?.map_or(Cell::Null, |value| Cell::Int(value.into()))
                }
                "TEXT" | "VARCHAR" => row.try_get::<Option<String>, _>(index)?.map_or(Cell::Null, Cell::Text),
                "BYTEA" => row.try_get::<Option<Vec<u8>>, _>(index)?.map_or(Cell::Null, Cell::Blob),
                other => Cell::Other(other.to_owned()),
            })
        })
        .collect()
}
