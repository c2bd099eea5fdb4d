//! ListSessions: the caller's own.

use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::identity::v1 as pb;
use tonic::{Request, Response, Status};

use super::translate;
use crate::{app::App, store::sessions};

/// Answers the caller's open sessions, newest first.
pub async fn list_sessions(
    app: &App,
    request: Request<pb::ListSessionsRequest>,
) -> Result<Response<pb::ListSessionsResponse>, Status> {
    let call = Call::of(&request)?;
    let user = call.user()?;
    call.authorize(&Resource { owner: Some(user), ..Resource::default() })?;
    let sessions = sessions::list(&app.db, user, app.clock.now()).await?;
    Ok(Response::new(pb::ListSessionsResponse {
        sessions: sessions.iter().map(translate::session).collect(),
    }))
}
