//! GrantRole: binds a role to an account.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
    sealed::Sealer,
};
use shopmesh_mesh::server::{Call, RoleBinding};
use shopmesh_proto::identity::v1::{self as pb, RoleGranted};
use tonic::{Request, Response, Status};

use super::translate;
use crate::{
    app::App,
    domain::{roles, user::User},
    ids::UserId,
    store::{roles as role_rows, users},
};

/// A wish to change what an account holds.
pub(super) struct Change {
    pub sealer: Sealer,
    pub user: UserId,
    pub binding: RoleBinding,
    pub cause: Cause,
}

/// Answers the account with its roles. Granting what is held changes nothing.
pub async fn grant_role(
    app: &App,
    request: Request<pb::GrantRoleRequest>,
) -> Result<Response<pb::User>, Status> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let pb::GrantRoleRequest { user, binding } = request.into_inner();
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
    let user = users::load(&mut *tx, sealer, &change.user).await?;
    let name = user.id.name();
    if !roles::grant(&name, &user.bindings, binding)? {
        return Ok(user);
    }
    role_rows::insert(&mut *tx, &user.id, binding, cause.at).await?;
    let event = RoleGranted { user: name.clone(), binding: Some(translate::binding_to_proto(binding)) };
    events::append(&mut *tx, cause, &name, &event).await?;
    next_version(tx, sealer, user, cause).await
}

/// Writes an account whose roles changed, and reads it back with them.
pub(super) async fn next_version(tx: &mut Tx, sealer: &Sealer, user: User, cause: &Cause) -> Result<User> {
    let changed = User { version: user.version + 1, updated: cause.at, ..user.clone() };
    users::update(&mut *tx, sealer, &changed, user.version).await?;
    users::load(tx, sealer, &user.id).await
}
