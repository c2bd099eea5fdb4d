//! What a database knows of itself and of the files beside it, by name.

use crate::db::{DbError, Executor, Tx, sql};

pub(in crate::db) const GET: &str = "SELECT value FROM kit_facts WHERE name = $1";
pub(in crate::db) const SET: &str = "INSERT INTO kit_facts (name, value) VALUES ($1, $2) \
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

pub(crate) async fn get(on: impl Executor, name: &str) -> Result<Option<Vec<u8>>, DbError> {
    let row = sql(GET).bind(name).optional(on).await?;
    row.map(|row| row.blob("value")).transpose()
}

/// Stores the fact, in place of an earlier one.
pub(crate) async fn set(tx: &mut Tx, name: &str, value: &[u8]) -> Result<(), DbError> {
    sql(SET).bind(name).bind(value).execute(tx).await.map(drop)
}
