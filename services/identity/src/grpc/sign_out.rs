//! SignOut: ends the session of a refresh token.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use crate::{app::App, tokens::refresh, usecases::sessions};

/// OK for unknown tokens too: their session has ended.
pub async fn answer(app: &App, call: &Call, request: pb::SignOutRequest) -> Result<()> {
    let job = (refresh::hash(&request.refresh_token), Cause::of(call, &*app.clock));
    app.db.write(job, |tx, (token, cause)| Box::pin(sessions::sign_out(tx, token, cause))).await
}
