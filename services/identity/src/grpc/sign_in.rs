//! SignIn: opens a session for a right password. A wrong one, an unknown or suspended account and a guess too many answer
//! the same in the same time.

use shopmesh_kit::{
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use super::{attempts, origin::Origin};
use crate::{
    app::App,
    domain::{email::Email, password::Password, user::UserState},
    store::users,
    tokens::refresh,
    translate,
    usecases::sessions::{self, SignIn},
};

/// The tokens of a new session.
pub async fn answer(app: &App, call: &Call, request: pb::SignInRequest) -> Result<pb::TokenSet> {
    let mut cause = Cause::of(call, &*app.clock);
    let origin = Origin::of(call, app.config.trusted_hops);
    let password = Password::attempt(&request.password);
    // What is no address belongs to nobody, like any address that is not known.
    let email_key = match Email::parse("email", &request.email) {
        Ok(email) => app.email_key(&email),
        Err(_) => refresh::hash(&request.email),
    };
    let mut place = app.passwords.take_place()?;
    let attempt = attempts::admit(app, &email_key, &origin).await?;
    if let Some(attempt) = attempt.as_ref().filter(|attempt| !attempt.hold.is_zero()) {
        // Who waits is not in the way of those whose turn it is.
        drop(place);
        attempt.wait(app).await?;
        place = app.passwords.take_place()?;
    }
    let (account, hash) = match users::credentials(&app.db, &email_key).await? {
        Some(known) => (Some((known.user, known.state)), Some(known.password_hash)),
        None => (None, None),
    };
    let verified = app.passwords.verify(place, password, hash).await?;
    let user = account.filter(|(_, state)| verified && *state == UserState::Active).map(|(user, _)| user);
    let (user, attempt) = match (user, attempt) {
        (Some(user), Some(attempt)) => (user, attempt),
        (_, refused) => {
            if let Some(attempt) = refused {
                attempt.failed(app).await?;
            }
            return Err(Error::unauthenticated("the e-mail address or the password is wrong"));
        }
    };
    // The password took its time.
    cause.at = app.clock.now();
    let token = refresh::generate()?;
    let sign_in = SignIn { keys: attempt.keys, user, token: refresh::hash(&token), cause };
    let granted = app.db.write(sign_in, |tx, sign_in| Box::pin(sessions::open(tx, sign_in))).await?;
    translate::rpc::token_set(&granted.session, app.keys.sign(&granted)?, token)
}
