//! Access tokens that are void before they expire. Whatever takes a session, a role or the right to sign in away writes
//! a row here, in the same transaction.

use shopmesh_kit::{
    clock::Timestamp,
    db::{DbError, Executor, Row, Tx, sql},
};

use crate::domain::{limits::ACCESS_LIFETIME, revocation::Revocation};

/// Rows commit in the order of their positions; readers rely on it. (PostgreSQL only: the key of its lock.)
const INSERT_LOCK: i64 = 0x6964_725f_7265;

/// Revokes what was issued until now: all tokens of a session (`below_version` 0), or those of an account before that
/// version of it.
pub async fn insert(tx: &mut Tx, subject: &str, below_version: i64, now: Timestamp) -> Result<(), DbError> {
    tx.serialize(INSERT_LOCK).await?;
    sql("INSERT INTO revocations (position, subject, below_version, expires)
         SELECT CASE WHEN newest < $1 THEN $1 ELSE newest + 1 END, $2, $3, $4
         FROM (SELECT COALESCE(MAX(position), 0) AS newest FROM revocations) AS list")
    .bind(now)
    .bind(subject)
    .bind(below_version)
    .bind(now + ACCESS_LIFETIME)
    .execute(tx)
    .await?;
    Ok(())
}

/// Up to `limit` entries after `position`, in order. A position beyond the last, as of a list that was restored since,
/// begins again.
pub async fn after(on: impl Executor, position: i64, limit: i64) -> Result<Vec<Revocation>, DbError> {
    let rows = sql("SELECT * FROM revocations
         WHERE position > $1 OR $1 > (SELECT COALESCE(MAX(position), 0) FROM revocations)
         ORDER BY position LIMIT $2");
    rows.bind(position).bind(limit).all(on).await?.iter().map(read).collect()
}

/// Forgets entries whose tokens expired before then.
pub async fn purge(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    sql("DELETE FROM revocations WHERE expires < $1").bind(before).execute(tx).await
}

fn read(row: &Row) -> Result<Revocation, DbError> {
    Ok(Revocation {
        position: row.int("position")?,
        subject: row.text("subject")?,
        below_version: row.int("below_version")?,
        expires: Timestamp(row.int("expires")?),
    })
}
