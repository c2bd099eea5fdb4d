//! A person changes their profile.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    etag,
    events::{self, Cause},
    sealed::Sealer,
};

use crate::{
    domain::user::{ProfilePart, User},
    ids::UserId,
    store::users,
    translate,
};

/// What is to be changed.
pub struct Update {
    /// Opens and seals the profile.
    pub sealer: Sealer,
    /// The account.
    pub user: UserId,
    /// Of the version that was read; empty for whichever there is.
    pub etag: String,
    /// The parts to take over.
    pub parts: Vec<ProfilePart>,
    /// How the person is to be addressed.
    pub display_name: String,
    /// BCP 47.
    pub locale: String,
    /// What it is done for.
    pub cause: Cause,
}

/// The account as it is afterwards.
///
/// # Errors
/// NOT_FOUND; ABORTED when it has changed since it was read.
pub async fn update(tx: &mut Tx, update: &Update) -> Result<User> {
    let Update { sealer, etag, parts, display_name, locale, cause, .. } = update;
    let mut user = users::load(&mut *tx, sealer, &update.user).await?;
    etag::check(etag, user.version)?;
    let before = user.version;
    if user.revise(display_name, locale, parts, cause.at) {
        users::update(&mut *tx, sealer, &user, before).await?;
        events::append(tx, cause, &user.id.name(), &translate::events::user_updated(&user.id)).await?;
    }
    Ok(user)
}
