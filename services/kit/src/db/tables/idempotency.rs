//! Saved replies, by who asked for what with which request id.

use crate::{
    clock::Timestamp,
    db::{DbError, Tx, sql},
};

/// What a reply is found by.
#[derive(Clone, Debug)]
pub(crate) struct RequestKey {
    pub(crate) principal: String,
    pub(crate) method: String,
    pub(crate) request_id: String,
}

/// A reply, and of which request.
pub(crate) struct SavedReply {
    /// SHA-256 of the request.
    pub(crate) request_hash: Vec<u8>,
    pub(crate) reply: Vec<u8>,
}

pub(crate) async fn get(tx: &mut Tx, key: &RequestKey) -> Result<Option<SavedReply>, DbError> {
    let row = sql("SELECT request_hash, reply FROM kit_idempotency \
                   WHERE principal = $1 AND method = $2 AND request_id = $3")
    .bind(&key.principal)
    .bind(&key.method)
    .bind(&key.request_id)
    .optional(tx)
    .await?;
    row.map(|row| Ok(SavedReply { request_hash: row.blob("request_hash")?, reply: row.blob("reply")? }))
        .transpose()
}

pub(crate) async fn insert(
    tx: &mut Tx,
    key: &RequestKey,
    saved: SavedReply,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql("INSERT INTO kit_idempotency (principal, method, request_id, request_hash, reply, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)")
    .bind(&key.principal)
    .bind(&key.method)
    .bind(&key.request_id)
    .bind(saved.request_hash)
    .bind(saved.reply)
    .bind(expires_at)
    .execute(tx)
    .await
    .map(drop)
}

/// Deletes what has expired; returns how many.
pub(crate) async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    sql("DELETE FROM kit_idempotency WHERE expires_at <= $1").bind(now).execute(tx).await
}
