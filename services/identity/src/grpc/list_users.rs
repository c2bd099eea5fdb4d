//! ListUsers: for operators, newest first.

use shopmesh_kit::{
    error::Result,
    page::{Page, Sizes},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use crate::{app::App, ids::UserId, store::users, translate};

/// One page.
pub async fn answer(app: &App, _: &Call, request: pb::ListUsersRequest) -> Result<pb::ListUsersResponse> {
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, "users")?;
    let before = page.cursor().map(|name| UserId::parse_field("page_token", name)).transpose()?;
    let found = users::list(&app.db, &app.sealer, before.as_ref(), page.size).await?;
    let (users, next_page_token) =
        page.show(found, |user| user.id.name(), |user| Ok(translate::rpc::user(user)))?;
    Ok(pb::ListUsersResponse { users, next_page_token })
}
