//! What a database knows of itself and of the files beside it.

use crate::db::{
    Db, DbError,
    tables::{events, facts},
};

/// The fact `name`, if it is known.
///
/// # Errors
/// Those of the database.
pub(crate) async fn get(db: &Db, name: &str) -> Result<Option<Vec<u8>>, DbError> {
    facts::get(db, name).await
}

/// Remembers the fact, in place of an earlier one.
///
/// # Errors
/// Those of the database.
pub(crate) async fn set(db: &Db, name: &str, value: &[u8]) -> Result<(), DbError> {
    let fact = (name.to_owned(), value.to_vec());
    db.write(fact, |tx, (name, value)| Box::pin(facts::set(tx, name, value))).await
}

/// Whether something was ever published from here: such a database holds what a key or a peer depends on.
///
/// # Errors
/// Those of the database.
pub(crate) async fn is_used(db: &Db) -> Result<bool, DbError> {
    events::has_any(db).await
}
