//! Accounts that a deployment starts with, such as the demo users of a laptop.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::RoleBinding;

use crate::{
    app::{App, IdentityHandle},
    domain::{email::Email, password::Password, user::User},
    ids::UserId,
    store::users,
    translate,
    usecases::{
        open_account::{self, NewAccount, Opened},
        roles::{self, Change},
    },
};

/// An account to start with.
pub struct SeedUser {
    /// Sign-in address.
    pub email: String,
    /// Password; follows the policy of sign-ups.
    pub password: String,
    /// How the person is addressed.
    pub display_name: String,
    /// Roles beside that of a shopper.
    pub bindings: Vec<RoleBinding>,
}

/// Makes sure that these accounts exist and hold these roles; answers their names in order. One that exists keeps its
/// password and name.
///
/// # Errors
/// INVALID_ARGUMENT when an address, a password or a scope is refused.
pub async fn ensure(handle: &IdentityHandle, seeds: &[SeedUser]) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(seeds.len());
    for seed in seeds {
        let user = account(&handle.app, seed).await?;
        hold(&handle.app, &user, &seed.bindings).await?;
        names.push(user.name());
    }
    Ok(names)
}

async fn account(app: &App, seed: &SeedUser) -> Result<UserId> {
    let email = Email::parse("email", &seed.email)?;
    let email_key = app.email_key(&email);
    if let Some(known) = users::credentials(&app.db, &email_key).await? {
        return Ok(known.user);
    }
    let password = Password::choose(&seed.password, &email)?;
    let password_hash = app.passwords.hash(app.passwords.take_place()?, password).await?;
    let cause = Cause::background("seed", app.clock.now());
    let user = User::open(email, seed.display_name.clone(), String::new(), cause.at);
    let new = NewAccount { sealer: app.sealer.clone(), user, email_key, password_hash, cause };
    match app.db.write(new, |tx, new| Box::pin(open_account::open(tx, new))).await? {
        Opened::New(user) | Opened::Taken(user) => Ok(user),
    }
}

async fn hold(app: &App, user: &UserId, bindings: &[RoleBinding]) -> Result<()> {
    for binding in bindings {
        let change = Change {
            sealer: app.sealer.clone(),
            user: user.clone(),
            binding: translate::claims::binding_from(binding),
            cause: Cause::background("seed", app.clock.now()),
        };
        app.db.write(change, |tx, change| Box::pin(roles::grant(tx, change))).await?;
    }
    Ok(())
}
