//! Open sessions and the hashes of their refresh tokens.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, DbError, Executor, Row, Tx, sql},
    error::Result,
};

use super::revocations;
use crate::{
    domain::{session::Session, user::UserState},
    ids::{SessionId, UserId},
};

/// The session of a refresh token.
pub struct Presented {
    /// The session.
    pub session: Session,
    /// When the token was used, if it was.
    pub spent: Option<Timestamp>,
}

/// Opens a session; of more than `keep` open ones of its user the oldest end. Answers those.
pub async fn insert(tx: &mut Tx, session: &Session, keep: i64) -> Result<Vec<SessionId>> {
    sql("INSERT INTO sessions (id, user_id, created, last_used, expires) VALUES ($1, $2, $3, $4, $5)")
        .bind(&session.id)
        .bind(&session.user)
        .bind(session.created)
        .bind(session.last_used)
        .bind(session.expires)
        .execute(&mut *tx)
        .await?;
    let displaced = sql("DELETE FROM sessions WHERE user_id = $1 AND id NOT IN
            (SELECT id FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT $2)
         RETURNING id")
    .bind(&session.user)
    .bind(keep)
    .all(&mut *tx)
    .await?;
    let displaced = displaced.iter().map(|row| SessionId::stored(&row.text("id")?));
    let displaced = displaced.collect::<Result<Vec<_>>>()?;
    for ended in &displaced {
        revocations::insert(&mut *tx, &ended.name(), 0, session.created).await?;
    }
    Ok(displaced)
}

/// Adds the session's next refresh token.
pub async fn insert_token(tx: &mut Tx, session: &SessionId, token_hash: &[u8]) -> Result<(), DbError> {
    sql("INSERT INTO refresh_tokens (token_hash, session_id, spent) VALUES ($1, $2, NULL)")
        .bind(token_hash)
        .bind(session)
        .execute(tx)
        .await?;
    Ok(())
}

/// The session of a refresh token, unless it expired.
pub async fn of_token(tx: &mut Tx, token_hash: &[u8], now: Timestamp) -> Result<Option<Presented>> {
    let row = sql("SELECT sessions.*, spent FROM refresh_tokens JOIN sessions ON sessions.id = session_id
         WHERE token_hash = $1 AND expires > $2")
    .bind(token_hash)
    .bind(now)
    .optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Presented { spent: row.opt_int("spent")?.map(Timestamp), session: read(&row)? }))
}

/// Whether a refresh token exists and was not used.
pub async fn is_unspent(tx: &mut Tx, token_hash: &[u8]) -> Result<bool, DbError> {
    let row = sql("SELECT session_id FROM refresh_tokens WHERE token_hash = $1 AND spent IS NULL");
    Ok(row.bind(token_hash).optional(tx).await?.is_some())
}

/// Marks a refresh token as used; `false` when it was already.
pub async fn spend_token(tx: &mut Tx, token_hash: &[u8], now: Timestamp) -> Result<bool, DbError> {
    let spent = sql("UPDATE refresh_tokens SET spent = $2 WHERE token_hash = $1 AND spent IS NULL");
    Ok(spent.bind(token_hash).bind(now).execute(tx).await? == 1)
}

/// Forgets all but the last `keep` spent tokens of a session.
pub async fn forget_spent(tx: &mut Tx, session: &SessionId, keep: i64) -> Result<(), DbError> {
    sql("DELETE FROM refresh_tokens WHERE session_id = $1 AND spent < (SELECT MIN(spent) FROM
            (SELECT spent FROM refresh_tokens WHERE session_id = $1 AND spent IS NOT NULL
             ORDER BY spent DESC LIMIT $2) AS kept)")
    .bind(session)
    .bind(keep)
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes the use of a session.
pub async fn touch(tx: &mut Tx, session: &Session) -> Result<(), DbError> {
    sql("UPDATE sessions SET last_used = $2, expires = $3 WHERE id = $1")
        .bind(&session.id)
        .bind(session.last_used)
        .bind(session.expires)
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends a session with all its tokens; `false` when it had ended.
pub async fn delete(tx: &mut Tx, session: &SessionId, now: Timestamp) -> Result<bool, DbError> {
    let open = sql("DELETE FROM sessions WHERE id = $1").bind(session).execute(&mut *tx).await? == 1;
    if open {
        revocations::insert(tx, &session.name(), 0, now).await?;
    }
    Ok(open)
}

/// Whether an access token of this session and of `version` of its account is good: the session is open, the account may
/// sign in, and nothing that the token says was taken away since.
pub async fn allows(
    on: impl Executor,
    session: &SessionId,
    user: &UserId,
    version: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let row = sql("SELECT sessions.id FROM sessions JOIN users ON users.id = user_id
         WHERE sessions.id = $1 AND user_id = $2 AND sessions.expires > $3 AND state = $4 AND NOT EXISTS
            (SELECT 1 FROM revocations WHERE subject = $5 AND below_version > $6)");
    let row = row.bind(session).bind(user).bind(now).bind(&UserState::Active).bind(user.name()).bind(version);
    Ok(row.optional(on).await?.is_some())
}

/// The open sessions of a user, newest first.
pub async fn list(db: &Db, user: &UserId, now: Timestamp) -> Result<Vec<Session>> {
    let rows = sql("SELECT * FROM sessions WHERE user_id = $1 AND expires > $2 ORDER BY id DESC LIMIT 100");
    rows.bind(user).bind(now).all(db).await?.iter().map(read).collect()
}

/// Forgets expired sessions.
pub async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    sql("DELETE FROM sessions WHERE expires <= $1").bind(now).execute(tx).await
}

fn read(row: &Row) -> Result<Session> {
    Ok(Session {
        id: SessionId::stored(&row.text("id")?)?,
        user: UserId::stored(&row.text("user_id")?)?,
        created: Timestamp(row.int("created")?),
        last_used: Timestamp(row.int("last_used")?),
        expires: Timestamp(row.int("expires")?),
    })
}
