//! Password attempts per address: counted before the password is checked, so that attempts side by side count too.

use shopmesh_kit::{
    clock::Timestamp,
    db::{DbError, Tx, sql},
};

/// Counts an attempt. Returns how many there were since the window began; one that began at or before `window_start`
/// begins again.
pub async fn count(
    tx: &mut Tx,
    email_key: &[u8],
    window_start: Timestamp,
    now: Timestamp,
) -> Result<i64, DbError> {
    let row = sql("INSERT INTO sign_in_attempts (email_key, attempts, since) VALUES ($1, 1, $3)
         ON CONFLICT (email_key) DO UPDATE SET
            attempts = CASE WHEN sign_in_attempts.since <= $2 THEN 1 ELSE sign_in_attempts.attempts + 1 END,
            since = CASE WHEN sign_in_attempts.since <= $2 THEN $3 ELSE sign_in_attempts.since END
         RETURNING attempts")
    .bind(email_key)
    .bind(window_start)
    .bind(now)
    .one(tx)
    .await?;
    row.int("attempts")
}

/// Forgets the attempts on an address, after a right password.
pub async fn clear(tx: &mut Tx, email_key: &[u8]) -> Result<(), DbError> {
    sql("DELETE FROM sign_in_attempts WHERE email_key = $1").bind(email_key).execute(tx).await?;
    Ok(())
}

/// Forgets windows that began at or before `window_start`.
pub async fn purge(tx: &mut Tx, window_start: Timestamp) -> Result<u64, DbError> {
    sql("DELETE FROM sign_in_attempts WHERE since <= $1").bind(window_start).execute(tx).await
}
