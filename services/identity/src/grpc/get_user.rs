//! GetUser: a person's own account, an operator's any.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::identity::v1 as pb;

use crate::{app::App, ids::UserId, store::users, translate};

/// The account.
pub async fn answer(app: &App, call: &Call, request: pb::GetUserRequest) -> Result<pb::User> {
    let user = authorized(call, "name", &request.name)?;
    Ok(translate::rpc::user(&users::get(&app.db, &app.sealer, &user).await?))
}

/// The account a request names in `field`, if its caller may have it. Asked before it is looked up, so that nobody
/// learns which accounts exist.
pub(super) fn authorized(call: &Call, field: &str, name: &str) -> Result<UserId> {
    let name = call.resolve_me(name)?;
    call.authorize(&Resource { owner: Some(&name), ..Resource::default() })?;
    UserId::parse_field(field, &name)
}
