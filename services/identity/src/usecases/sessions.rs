//! Sessions open, go on and end.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};

use crate::{
    domain::{
        limits::{MAX_SESSIONS, MAX_SPENT_TOKENS, REFRESH_GRACE},
        session::{EndReason, Granted, Session},
    },
    ids::{SessionId, UserId},
    store::{
        attempts::{self, Keys},
        roles,
        sessions::{self, Presented},
        users,
    },
    translate,
};

/// A right password.
pub struct SignIn {
    /// What its attempt counted under.
    pub keys: Keys,
    /// Whose it is.
    pub user: UserId,
    /// Hash of the session's first refresh token.
    pub token: Vec<u8>,
    /// What it is done for.
    pub cause: Cause,
}

/// A refresh token that is used.
pub struct Refresh {
    /// Its hash.
    pub presented: Vec<u8>,
    /// Hash of the one that follows it.
    pub next: Vec<u8>,
    /// What it is done for.
    pub cause: Cause,
}

/// Opens a session; of too many the oldest ends.
pub async fn open(tx: &mut Tx, sign_in: &SignIn) -> Result<Granted> {
    let SignIn { keys, user, token, cause } = sign_in;
    attempts::forgive(&mut *tx, keys).await?;
    attempts::remember(&mut *tx, keys, user, cause.at).await?;
    let session = Session::open(user.clone(), cause.at);
    for displaced in sessions::insert(&mut *tx, &session, MAX_SESSIONS).await? {
        tell(&mut *tx, cause, user, &displaced, EndReason::Displaced).await?;
    }
    sessions::insert_token(&mut *tx, &session.id, token).await?;
    grant(tx, session).await
}

/// The session with its next token, or `None` when it may not go on: an end of the session must be committed, so it is
/// no error.
pub async fn refresh(tx: &mut Tx, refresh: &Refresh) -> Result<Option<Granted>> {
    let Refresh { presented, next, cause } = refresh;
    let now = cause.at;
    let Some(Presented { session, spent }) = sessions::of_token(&mut *tx, presented, now).await? else {
        return Ok(None);
    };
    let is_first = spent.is_none() && sessions::spend_token(&mut *tx, presented, now).await?;
    // Without a time it was used a moment ago, while this one waited.
    let was_just_used = now.since(spent.unwrap_or(now)) <= REFRESH_GRACE;
    if !is_first && (!was_just_used || !sessions::is_unspent(&mut *tx, next).await?) {
        tracing::warn!(session = %session.id, "a spent refresh token was used again; the session ends");
        end(tx, cause, &session, EndReason::TokenReused).await?;
        return Ok(None);
    }
    if !users::is_active(&mut *tx, &session.user).await? {
        return Ok(None);
    }
    let session = session.used(now);
    sessions::touch(&mut *tx, &session).await?;
    if is_first {
        sessions::insert_token(&mut *tx, &session.id, next).await?;
        sessions::forget_spent(&mut *tx, &session.id, MAX_SPENT_TOKENS).await?;
    }
    grant(tx, session).await.map(Some)
}

/// Ends the session of a refresh token, if it is open. Whoever holds a former token may end the session, never prolong it.
pub async fn sign_out(tx: &mut Tx, token: &[u8], cause: &Cause) -> Result<()> {
    match sessions::of_token(&mut *tx, token, cause.at).await? {
        Some(presented) => end(tx, cause, &presented.session, EndReason::SignedOut).await,
        None => Ok(()),
    }
}

/// Reads what the next access token of a session will say.
async fn grant(tx: &mut Tx, session: Session) -> Result<Granted> {
    let (version, bindings) = roles::with_version(tx, &session.user).await?;
    Ok(Granted { session, version, bindings })
}

/// Ends an open session and publishes why.
async fn end(tx: &mut Tx, cause: &Cause, session: &Session, reason: EndReason) -> Result<()> {
    if sessions::delete(&mut *tx, &session.id, cause.at).await? {
        tell(tx, cause, &session.user, &session.id, reason).await?;
    }
    Ok(())
}

/// Publishes that a session was ended.
async fn tell(
    tx: &mut Tx,
    cause: &Cause,
    user: &UserId,
    session: &SessionId,
    reason: EndReason,
) -> Result<()> {
    let event = translate::events::session_revoked(user, session, reason);
    events::append(tx, cause, &user.name(), &event).await?;
    Ok(())
}
