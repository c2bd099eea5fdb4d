//! What a database knows of itself and of the files beside it.

use crate::db::{Db, DbError, sql};

/// The fact `name`, if it is known.
///
/// # Errors
/// Those of the database.
pub(crate) async fn get(db: &Db, name: &str) -> Result<Option<Vec<u8>>, DbError> {
    let row = sql("SELECT value FROM kit_facts WHERE name = $1").bind(name).optional(db).await?;
    row.map(|row| row.blob("value")).transpose()
}

/// Remembers the fact, in place of an earlier one.
///
/// # Errors
/// Those of the database.
pub(crate) async fn set(db: &Db, name: &str, value: &[u8]) -> Result<(), DbError> {
    let fact = (name.to_owned(), value.to_vec());
    db.write(fact, |tx, (name, value)| {
        Box::pin(async move {
            sql("INSERT INTO kit_facts (name, value) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(tx)
            .await
            .map(drop)
        })
    })
    .await
}

/// Whether something was ever published from here: such a database holds what a key or a peer depends on.
///
/// # Errors
/// Those of the database.
pub(crate) async fn is_used(db: &Db) -> Result<bool, DbError> {
    Ok(sql("SELECT position FROM kit_events LIMIT 1").optional(db).await?.is_some())
}
