//! SignUp: opens an account, and never tells whether the address had one.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use super::{attempts, origin::Origin};
use crate::{
    app::App,
    domain::{email::Email, password::Password, user::User},
    store::users,
    usecases::open_account::{self, NewAccount, Opened},
};

/// The normalized address, whatever happened. When it is taken, its owner is told. Both take as long: the password is
/// hashed or verified either way. A caller who knows the password is the owner, or repeats a request whose answer was
/// lost: nobody is told of that.
pub async fn answer(app: &App, call: &Call, request: pb::SignUpRequest) -> Result<pb::SignUpResponse> {
    let cause = Cause::of(call, &*app.clock);
    let origin = Origin::of(call, app.config.trusted_hops);
    let pb::SignUpRequest { email, password, display_name, locale } = request;
    let email = Email::parse("email", &email)?;
    let password = Password::choose(&password, &email)?;
    let answer = pb::SignUpResponse { email: email.as_str().to_owned() };
    let place = app.passwords.take_place()?;
    let email_key = app.email_key(&email);
    // The check against a taken address is a guess at its password, and is counted as one.
    let attempt = attempts::admit(app, &email_key, &origin).await?;
    let owner = match users::credentials(&app.db, &email_key).await? {
        Some(known) => {
            let is_owner = app.passwords.verify(place, password, Some(known.password_hash)).await?;
            let may_be = attempt.as_ref().is_some_and(|attempt| attempt.hold.is_zero());
            Some(known.user).filter(|_| !(is_owner && may_be))
        }
        None => {
            let password_hash = app.passwords.hash(place, password).await?;
            let user = User::open(email, display_name, locale, cause.at);
            let (sealer, cause) = (app.sealer.clone(), cause.clone());
            let new = NewAccount { sealer, user, email_key, password_hash, cause };
            match app.db.write(new, |tx, new| Box::pin(open_account::open(tx, new))).await? {
                Opened::New(_) => None,
                Opened::Taken(owner) => Some(owner),
            }
        }
    };
    match (owner, attempt) {
        (Some(owner), attempt) => {
            if let Some(attempt) = attempt {
                attempt.failed(app).await?;
            }
            let told = app.db.write((owner, cause), |tx, (owner, cause)| {
                Box::pin(open_account::tell_owner(tx, owner, cause))
            });
            told.await?;
        }
        (None, Some(attempt)) => attempt.forgive(app).await?,
        (None, None) => {}
    }
    Ok(answer)
}
