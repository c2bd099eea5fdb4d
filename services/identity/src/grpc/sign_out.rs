//! SignOut: ends the session of a refresh token.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1::{self as pb, SessionRevocationReason, SessionRevoked};
use tonic::{Request, Response, Status};

use crate::{
    app::App,
    ids::{SessionId, UserId},
    store::sessions::{self, Session},
    tokens::refresh,
};

/// Answers OK for unknown tokens too: their session has ended.
pub async fn sign_out(app: &App, request: Request<pb::SignOutRequest>) -> Result<Response<()>, Status> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let job = (refresh::hash(&request.get_ref().refresh_token), cause);
    app.db.write(job, |tx, (token, cause)| Box::pin(end_of_token(tx, token, cause))).await?;
    Ok(Response::new(()))
}

async fn end_of_token(tx: &mut Tx, token: &[u8], cause: &Cause) -> Result<()> {
    match sessions::of_token(&mut *tx, token, cause.at).await? {
        // Whoever holds a former token may end the session, never prolong it.
        Some(presented) => end(tx, cause, &presented.session, SessionRevocationReason::SignedOut).await,
        None => Ok(()),
    }
}

/// Ends an open session and publishes why.
pub(super) async fn end(
    tx: &mut Tx,
    cause: &Cause,
    session: &Session,
    reason: SessionRevocationReason,
) -> Result<()> {
    if sessions::delete(&mut *tx, &session.id, cause.at).await? {
        publish(tx, cause, &session.user, &session.id, reason).await?;
    }
    Ok(())
}

/// Publishes that a session was ended.
pub(super) async fn publish(
    tx: &mut Tx,
    cause: &Cause,
    user: &UserId,
    session: &SessionId,
    reason: SessionRevocationReason,
) -> Result<()> {
    let event = SessionRevoked { user: user.name(), session: session.name(), reason: reason.into() };
    events::append(tx, cause, &user.name(), &event).await?;
    Ok(())
}
