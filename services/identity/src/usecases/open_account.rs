//! Opens an account, or tells the owner of the one that has its address.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::{self, Cause},
    sealed::Sealer,
};

use crate::{
    domain::{limits::REPEAT_NOTICE, user::User},
    ids::UserId,
    store::{roles, users},
    translate,
};

/// An account to open.
pub struct NewAccount {
    /// Seals the profile.
    pub sealer: Sealer,
    /// The account.
    pub user: User,
    /// By which its address is found.
    pub email_key: Vec<u8>,
    /// PHC string.
    pub password_hash: String,
    /// What it is done for.
    pub cause: Cause,
}

/// What became of it.
pub enum Opened {
    /// A new account.
    New(UserId),
    /// Somebody was faster.
    Taken(UserId),
}

/// Opens an account for an address that was free a moment ago.
pub async fn open(tx: &mut Tx, new: &NewAccount) -> Result<Opened> {
    let NewAccount { sealer, user, email_key, password_hash, cause } = new;
    if !users::insert(&mut *tx, sealer, user, email_key, password_hash).await? {
        let owner = users::credentials(&mut *tx, email_key).await?;
        let owner = owner.ok_or_else(|| Error::unavailable("try again"))?;
        return Ok(Opened::Taken(owner.user));
    }
    for binding in &user.bindings {
        roles::insert(&mut *tx, &user.id, binding, cause.at).await?;
    }
    events::append(tx, cause, &user.id.name(), &translate::events::user_created(&user.id)).await?;
    Ok(Opened::New(user.id.clone()))
}

/// Publishes, at most once an hour, that somebody tried to sign up with the address of `owner`.
pub async fn tell_owner(tx: &mut Tx, owner: &UserId, cause: &Cause) -> Result<()> {
    if users::note_repeat(&mut *tx, owner, cause.at - REPEAT_NOTICE, cause.at).await? {
        events::append(tx, cause, &owner.name(), &translate::events::sign_up_repeated(owner)).await?;
    }
    Ok(())
}
