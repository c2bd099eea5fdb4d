//! Rows of `buyers`: what failed payments hold a person back.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Tx, sql},
    error::Result,
};

use crate::domain::allowance::Setbacks;

/// What holds `owner` back. Until the transaction ends, another one that asks for the same person waits, so that what is
/// counted next is what there is.
pub async fn lock(tx: &mut Tx, owner: &str) -> Result<Setbacks> {
    let row = sql("INSERT INTO buyers (owner, failures, last_failed) VALUES ($1, 0, 0) \
         ON CONFLICT (owner) DO UPDATE SET owner = excluded.owner RETURNING failures, last_failed")
    .bind(owner)
    .one(tx)
    .await?;
    Ok(Setbacks { failures: row.int("failures")?, last_failed: Timestamp(row.int("last_failed")?) })
}

/// Writes what holds `owner` back after `change`.
pub async fn change(tx: &mut Tx, owner: &str, change: impl FnOnce(Setbacks) -> Setbacks) -> Result<()> {
    let before = lock(&mut *tx, owner).await?;
    let setbacks = change(before);
    if setbacks == before {
        return Ok(());
    }
    sql("UPDATE buyers SET failures = $2, last_failed = $3 WHERE owner = $1")
        .bind(owner)
        .bind(setbacks.failures)
        .bind(setbacks.last_failed)
        .execute(tx)
        .await?;
    Ok(())
}
