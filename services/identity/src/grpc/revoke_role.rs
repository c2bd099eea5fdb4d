//! RevokeRole: takes a role from an account, unless it is the last operator's.

use shopmesh_kit::events::Cause;
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;
use tonic::{Request, Response, Status};

use super::translate;
use crate::{
    access::{self, Change},
    app::App,
    ids::UserId,
};

/// Answers the account with the roles it keeps.
pub async fn revoke_role(
    app: &App,
    request: Request<pb::RevokeRoleRequest>,
) -> Result<Response<pb::User>, Status> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let pb::RevokeRoleRequest { user, binding } = request.into_inner();
    let user = UserId::parse_field("user", &user)?;
    let binding = translate::binding(binding)?;
    let change = Change { sealer: app.sealer.clone(), user, binding, cause };
    let user = app.db.write(change, |tx, change| Box::pin(access::revoke(tx, change))).await?;
    Ok(Response::new(translate::user(&user)))
}
