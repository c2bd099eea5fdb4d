//! GetUser: a person's own account, an operator's any.

use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::identity::v1 as pb;
use tonic::{Request, Response, Status};

use super::translate;
use crate::{app::App, ids::UserId, store::users};

/// Answers the account.
pub async fn get_user(app: &App, request: Request<pb::GetUserRequest>) -> Result<Response<pb::User>, Status> {
    let user = authorized(Call::of(&request)?, "name", &request.get_ref().name)?;
    let user = users::get(&app.db, &app.sealer, &user).await?;
    Ok(Response::new(translate::user(&user)))
}

/// The account a request names in `field`, if its caller may have it. Asked before it is looked up, so that nobody
/// learns which accounts exist.
pub(super) fn authorized(call: &Call, field: &str, name: &str) -> Result<UserId, Status> {
    let name = call.resolve_me(name)?;
    call.authorize(&Resource { owner: Some(&name), ..Resource::default() })?;
    Ok(UserId::parse_field(field, &name)?)
}
