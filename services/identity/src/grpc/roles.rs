//! GrantRole and RevokeRole.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use crate::{
    app::App,
    ids::UserId,
    translate,
    usecases::roles::{self, Change},
};

/// The account with its roles.
pub async fn grant(app: &App, call: &Call, request: pb::GrantRoleRequest) -> Result<pb::User> {
    let change = change(app, call, &request.user, request.binding)?;
    let user = app.db.write(change, |tx, change| Box::pin(roles::grant(tx, change))).await?;
    Ok(translate::rpc::user(&user))
}

/// The account with the roles it keeps.
pub async fn revoke(app: &App, call: &Call, request: pb::RevokeRoleRequest) -> Result<pb::User> {
    let change = change(app, call, &request.user, request.binding)?;
    let user = app.db.write(change, |tx, change| Box::pin(roles::revoke(tx, change))).await?;
    Ok(translate::rpc::user(&user))
}

fn change(app: &App, call: &Call, user: &str, binding: Option<pb::RoleBinding>) -> Result<Change> {
    let user = UserId::parse_field("user", user)?;
    let binding = translate::rpc::binding_from(binding)?;
    Ok(Change { sealer: app.sealer.clone(), user, binding, cause: Cause::of(call, &*app.clock) })
}
