//! Grants roles and takes them away.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
    sealed::Sealer,
};

use crate::{
    domain::{
        roles::{self, RoleBinding},
        user::User,
    },
    ids::UserId,
    store::{roles as role_rows, users},
    translate,
};

/// A wish to change what an account holds.
pub struct Change {
    /// Opens the account.
    pub sealer: Sealer,
    /// The account.
    pub user: UserId,
    /// The role.
    pub binding: RoleBinding,
    /// Why.
    pub cause: Cause,
}

/// Grants the role and publishes it; one that is held changes nothing. Answers the account as it is afterwards.
///
/// # Errors
/// NOT_FOUND, and those of [`roles::grant`].
pub async fn grant(tx: &mut Tx, change: &Change) -> Result<User> {
    let Change { sealer, binding, cause, .. } = change;
    let user = users::load(&mut *tx, sealer, &change.user).await?;
    let name = user.id.name();
    if !roles::grant(&name, &user.bindings, binding)? {
        return Ok(user);
    }
    role_rows::insert(&mut *tx, &user.id, binding, cause.at).await?;
    events::append(&mut *tx, cause, &name, &translate::events::role_granted(&user.id, binding)).await?;
    next_version(tx, sealer, user, cause).await
}

/// Takes the role away and publishes it; one that is not held changes nothing. Answers the account as it is afterwards.
///
/// # Errors
/// NOT_FOUND, and those of [`roles::revoke`].
pub async fn revoke(tx: &mut Tx, change: &Change) -> Result<User> {
    let Change { sealer, binding, cause, .. } = change;
    let others = role_rows::other_operators(&mut *tx, &change.user).await?;
    let user = users::load(&mut *tx, sealer, &change.user).await?;
    let name = user.id.name();
    if !roles::revoke(&name, &user.bindings, binding, others)? {
        return Ok(user);
    }
    role_rows::delete(&mut *tx, &user.id, binding, user.version + 1, cause.at).await?;
    events::append(&mut *tx, cause, &name, &translate::events::role_revoked(&user.id, binding)).await?;
    next_version(tx, sealer, user, cause).await
}

/// Writes an account whose roles changed, and reads it back with them.
async fn next_version(tx: &mut Tx, sealer: &Sealer, user: User, cause: &Cause) -> Result<User> {
    let changed = User { version: user.version + 1, updated: cause.at, ..user.clone() };
    users::update(&mut *tx, sealer, &changed, user.version).await?;
    users::load(tx, sealer, &user.id).await
}
