//! ListUsers: for operators, newest first.

use shopmesh_kit::page::{self, PageToken};
use shopmesh_proto::identity::v1 as pb;
use tonic::{Request, Response, Status};

use super::translate;
use crate::{app::App, ids::UserId, store::users};

const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;
const FINGERPRINT: &str = "users";

/// Answers one page.
pub async fn list_users(
    app: &App,
    request: Request<pb::ListUsersRequest>,
) -> Result<Response<pb::ListUsersResponse>, Status> {
    let request = request.into_inner();
    let size = page::clamp(request.page_size, DEFAULT_PAGE, LARGEST_PAGE);
    let before = PageToken::decode(&request.page_token, FINGERPRINT)?;
    let before = before.map(|name| UserId::parse_field("page_token", &name)).transpose()?;
    let found = users::list(&app.db, &app.sealer, before.as_ref(), size).await?;
    let (users, next_page_token) =
        found.show(FINGERPRINT, |user| user.id.name(), |user| Ok(translate::user(user)))?;
    Ok(Response::new(pb::ListUsersResponse { users, next_page_token }))
}
