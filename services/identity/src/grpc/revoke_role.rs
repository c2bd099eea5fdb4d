//! RevokeRole: takes a role from an account, unless it is the last operator's.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1::{self as pb, RoleRevoked};
use tonic::{Request, Response, Status};

use super::{
    grant_role::{Change, next_version},
    translate,
};
use crate::{
    app::App,
    domain::{roles, user::User},
    ids::UserId,
    store::{roles as role_rows, users},
};

/// Answers the account with the roles it keeps. Revoking what is not held changes nothing.
pub async fn revoke_role(
    app: &App,
    request: Request<pb::RevokeRoleRequest>,
) -> Result<Response<pb::User>, Status> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let pb::RevokeRoleRequest { user, binding } = request.into_inner();
    let change = Change {
        sealer: app.sealer.clone(),
        user: UserId::parse_field("user", &user)?,
        binding: translate::binding(binding)?,
        cause,
    };
    let user = app.db.write(change, |tx, change| Box::pin(apply(tx, change))).await?;
    Ok(Response::new(translate::user(&user)))
}

async fn apply(tx: &mut Tx, change: &Change) -> Result<User> {
    let Change { sealer, binding, cause, .. } = change;
    let others = role_rows::other_operators(&mut *tx, &change.user).await?;
    let user = users::load(&mut *tx, sealer, &change.user).await?;
    let name = user.id.name();
    if !roles::revoke(&name, &user.bindings, binding, others)? {
        return Ok(user);
    }
    role_rows::delete(&mut *tx, &user.id, binding).await?;
    let event = RoleRevoked { user: name.clone(), binding: Some(translate::binding_to_proto(binding)) };
    events::append(&mut *tx, cause, &name, &event).await?;
    next_version(tx, sealer, user, cause).await
}
