//! RefreshSession: each refresh token is good for one use; a second use means that two parties hold it, and ends the
//! session for both (RFC 9700, 4.14.2).
//!
//! Unless it comes right after the first, as from a second tab of the browser, or because the answer was lost: then it gives
//! the same successor once more, as long as that was not used. Both parties then hold the same token, so a thief among them
//! is found out when one of the two has used it and the other comes later.

use shopmesh_kit::{
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use crate::{
    app::App,
    tokens::refresh,
    translate,
    usecases::sessions::{self, Refresh},
};

/// The session's next tokens.
pub async fn answer(app: &App, call: &Call, request: pb::RefreshSessionRequest) -> Result<pb::TokenSet> {
    let cause = Cause::of(call, &*app.clock);
    let next = app.successor(&request.refresh_token);
    let presented = refresh::hash(&request.refresh_token);
    let job = Refresh { presented, next: refresh::hash(&next), cause };
    let granted = app.db.write(job, |tx, job| Box::pin(sessions::refresh(tx, job))).await?;
    let granted = granted.ok_or_else(|| Error::unauthenticated("the session has ended; sign in again"))?;
    translate::rpc::token_set(&granted.session, app.keys.sign(&granted)?, next)
}
