//! RefreshSession: each refresh token is good for one use; a second use means that two parties hold it, and ends the
//! session for both (RFC 9700, 4.14.2).
//!
//! Unless it comes right after the first, as from a second tab of the browser, or because the answer was lost: then it gives
//! the same successor once more, as long as that was not used. Both parties then hold the same token, so a thief among them
//! is found out when one of the two has used it and the other comes later.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1::{self as pb, SessionRevocationReason};
use tonic::{Request, Response, Status};

use super::{
    session::{Granted, grant, token_set},
    sign_out::end,
};
use crate::{
    app::App,
    domain::limits::{MAX_SPENT_TOKENS, REFRESH_GRACE, REFRESH_LIFETIME},
    store::{
        sessions::{self, Presented, Session},
        users,
    },
    tokens::refresh,
};

struct Refresh {
    presented: Vec<u8>,
    next: Vec<u8>,
    cause: Cause,
}

/// Answers the session's next tokens.
pub async fn refresh_session(
    app: &App,
    request: Request<pb::RefreshSessionRequest>,
) -> Result<Response<pb::TokenSet>, Status> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let presented = &request.get_ref().refresh_token;
    let next = app.successor(presented);
    let job = Refresh { presented: refresh::hash(presented), next: refresh::hash(&next), cause };
    let granted = app.db.write(job, |tx, job| Box::pin(rotate(tx, job))).await?;
    let granted = granted.ok_or_else(|| Error::unauthenticated("the session has ended; sign in again"))?;
    Ok(Response::new(token_set(app, &granted, next)?))
}

/// The session with its next token, or `None` when it may not go on: an end of the session must be committed, so it is
/// no error.
async fn rotate(tx: &mut Tx, job: &Refresh) -> Result<Option<Granted>> {
    let now = job.cause.at;
    let Some(Presented { session, spent }) = sessions::of_token(&mut *tx, &job.presented, now).await? else {
        return Ok(None);
    };
    let is_first = spent.is_none() && sessions::spend_token(&mut *tx, &job.presented, now).await?;
    // Without a time it was used a moment ago, while this one waited.
    let was_just_used = now.since(spent.unwrap_or(now)) <= REFRESH_GRACE;
    if !is_first && (!was_just_used || !sessions::is_unspent(&mut *tx, &job.next).await?) {
        tracing::warn!(session = %session.id, "a spent refresh token was used again; the session ends");
        end(tx, &job.cause, &session, SessionRevocationReason::TokenReused).await?;
        return Ok(None);
    }
    if !users::is_active(&mut *tx, &session.user).await? {
        return Ok(None);
    }
    let session = Session { last_used: now, expires: now + REFRESH_LIFETIME, ..session };
    sessions::touch(&mut *tx, &session).await?;
    if is_first {
        sessions::insert_token(&mut *tx, &session.id, &job.next).await?;
        sessions::forget_spent(&mut *tx, &session.id, MAX_SPENT_TOKENS).await?;
    }
    grant(tx, session).await.map(Some)
}
