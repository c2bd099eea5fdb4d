//! GrantRole: binds a role to an account.

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

/// Answers the account with its roles.
pub async fn grant_role(
    app: &App,
    request: Request<pb::GrantRoleRequest>,
) -> Result<Response<pb::User>, Status> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let pb::GrantRoleRequest { user, binding } = request.into_inner();
    let user = UserId::parse_field("user", &user)?;
    let binding = translate::binding(binding)?;
    let change = Change { sealer: app.sealer.clone(), user, binding, cause };
    let user = app.db.write(change, |tx, change| Box::pin(access::grant(tx, change))).await?;
    Ok(Response::new(translate::user(&user)))
}
