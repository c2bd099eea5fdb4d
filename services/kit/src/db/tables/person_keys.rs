//! One data key per person, wrapped by the service's master key.

use crate::db::{DbError, Executor, Tx, sql};

pub(crate) async fn get(on: impl Executor, person: &str) -> Result<Option<Vec<u8>>, DbError> {
    let row = sql("SELECT wrapped FROM kit_person_keys WHERE person = $1").bind(person).optional(on).await?;
    row.map(|row| row.blob("wrapped")).transpose()
}

/// The keys of those of `persons` that have one, each with its person.
pub(crate) async fn get_all(
    on: impl Executor,
    persons: impl IntoIterator<Item = &str>,
) -> Result<Vec<(String, Vec<u8>)>, DbError> {
    let rows =
        sql("SELECT person, wrapped FROM kit_person_keys WHERE ").in_list("person", persons).all(on).await?;
    rows.iter().map(|row| Ok((row.text("person")?, row.blob("wrapped")?))).collect()
}

pub(crate) async fn insert(tx: &mut Tx, person: &str, wrapped: Vec<u8>) -> Result<(), DbError> {
    sql("INSERT INTO kit_person_keys (person, wrapped) VALUES ($1, $2)")
        .bind(person)
        .bind(wrapped)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn delete(tx: &mut Tx, person: &str) -> Result<(), DbError> {
    sql("DELETE FROM kit_person_keys WHERE person = $1").bind(person).execute(tx).await.map(drop)
}
