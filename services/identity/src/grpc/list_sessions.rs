//! ListSessions: the caller's own.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::identity::v1 as pb;

use crate::{app::App, ids::UserId, store::sessions, translate};

/// The caller's open sessions, newest first.
pub async fn answer(app: &App, call: &Call, _: pb::ListSessionsRequest) -> Result<pb::ListSessionsResponse> {
    let user = call.user()?;
    call.authorize(&Resource { owner: Some(user), ..Resource::default() })?;
    let sessions = sessions::list(&app.db, &UserId::parse(user)?, app.clock.now()).await?;
    Ok(pb::ListSessionsResponse { sessions: sessions.iter().map(translate::rpc::session).collect() })
}
