//! Opening accounts, for sign-up and for seeds.

use std::sync::Arc;

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    events::{self, Cause},
};
use shopmesh_proto::identity::v1::{SignUpRepeated, UserCreated};

use crate::{
    app::App,
    domain::{
        email::Email,
        limits::REPEAT_NOTICE,
        password::Password,
        roles,
        user::{User, UserState},
    },
    grpc::Origin,
    guesses,
    ids::UserId,
    password_pool::Place,
    store::{roles as role_rows, users},
};

/// A wish to open an account.
pub struct SignUp {
    /// The address.
    pub email: Email,
    /// The password.
    pub password: Password,
    /// May be empty.
    pub display_name: String,
    /// May be empty.
    pub locale: String,
}

/// Opens an account. When the address is taken, its owner is told instead. Both take as long: the password is hashed
/// or verified either way. A caller who knows the password is the owner, or repeats a request whose answer was lost:
/// nobody is told of that.
pub async fn sign_up(app: &App, cause: Cause, origin: &Origin, wish: SignUp) -> Result<()> {
    let place = app.passwords.take_place()?;
    let email_key: Arc<[u8]> = app.email_key(&wish.email).into();
    // The check against a taken address is a guess at its password, and is counted as one.
    let attempt = guesses::admit(app, &email_key, origin).await?;
    let owner = match users::credentials(&app.db, &email_key).await? {
        Some(known) => {
            let is_owner = app.passwords.verify(place, wish.password, Some(known.password_hash)).await?;
            let may_be = attempt.as_ref().is_some_and(|attempt| attempt.hold.is_zero());
            Some(known.user).filter(|_| !(is_owner && may_be))
        }
        None => match open(app, cause.clone(), place, email_key, wish).await? {
            Opened::New(_) => None,
            Opened::Taken(owner) => Some(owner),
        },
    };
    match (owner, attempt) {
        (Some(owner), attempt) => {
            if let Some(attempt) = attempt {
                attempt.failed(app).await?;
            }
            tell(app, cause, owner).await
        }
        (None, Some(attempt)) => attempt.forgive(app).await,
        (None, None) => Ok(()),
    }
}

/// What became of a wish.
pub enum Opened {
    /// A new account.
    New(UserId),
    /// Somebody was faster.
    Taken(UserId),
}

/// Opens an account for an address that was free a moment ago.
pub async fn open(
    app: &App,
    cause: Cause,
    place: Place,
    email_key: Arc<[u8]>,
    wish: SignUp,
) -> Result<Opened> {
    let SignUp { email, password, display_name, locale } = wish;
    let hash = app.passwords.hash(place, password).await?;
    let user = User {
        id: UserId::generate(),
        email,
        display_name,
        locale,
        state: UserState::Active,
        bindings: vec![roles::of_a_new_account()],
        version: 1,
        created: cause.at,
        updated: cause.at,
    };
    let job = (app.sealer.clone(), user, email_key, hash, cause);
    app.db
        .write(job, |tx, (sealer, user, key, hash, cause)| {
            Box::pin(async move {
                if !users::insert(&mut *tx, sealer, user, key, hash).await? {
                    let owner = users::credentials(&mut *tx, key).await?;
                    let owner = owner.ok_or_else(|| Error::unavailable("try again"))?;
                    return Ok(Opened::Taken(owner.user));
                }
                for binding in &user.bindings {
                    role_rows::insert(&mut *tx, &user.id, binding, cause.at).await?;
                }
                events::append(tx, cause, &user.id.name(), &UserCreated { user: user.id.name() }).await?;
                Ok(Opened::New(user.id.clone()))
            })
        })
        .await
}

/// Publishes, at most once an hour, that somebody tried to sign up with the address of `owner`.
async fn tell(app: &App, cause: Cause, owner: UserId) -> Result<()> {
    app.db.write((owner, cause), |tx, (owner, cause)| Box::pin(note_and_publish(tx, owner, cause))).await
}

async fn note_and_publish(tx: &mut Tx, owner: &UserId, cause: &Cause) -> Result<()> {
    let now: Timestamp = cause.at;
    if users::note_repeat(&mut *tx, owner, now - REPEAT_NOTICE, now).await? {
        events::append(tx, cause, &owner.name(), &SignUpRepeated { user: owner.name() }).await?;
    }
    Ok(())
}
