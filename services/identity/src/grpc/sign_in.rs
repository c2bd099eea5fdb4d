//! SignIn: opens a session for a right password. A wrong one, an unknown or suspended account and one under attack
//! answer the same in the same time.

use std::sync::Arc;

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Error};
use shopmesh_proto::identity::v1 as pb;
use tonic::{Request, Response, Status};

use super::session::{Granted, grant, token_set};
use crate::{
    accounts::may_attempt,
    app::App,
    domain::{
        email::Email,
        limits::{MAX_SESSIONS, REFRESH_LIFETIME},
        password::Password,
        user::UserState,
    },
    ids::{SessionId, UserId},
    store::{
        attempts,
        sessions::{self, Session},
        users,
    },
    tokens::refresh,
};

struct Opening {
    email_key: Arc<[u8]>,
    user: UserId,
    token: String,
    now: Timestamp,
}

/// Answers the tokens of a new session.
pub async fn sign_in(
    app: &App,
    request: Request<pb::SignInRequest>,
) -> Result<Response<pb::TokenSet>, Status> {
    let pb::SignInRequest { email, password } = request.into_inner();
    let password = Password::attempt(&password);
    // What is no address belongs to nobody, like any address that is not known.
    let email_key: Arc<[u8]> = match Email::parse("email", &email) {
        Ok(email) => app.email_key(&email).into(),
        Err(_) => refresh::hash(&email).into(),
    };
    let place = app.passwords.take_place()?;
    let allowed = may_attempt(app, email_key.clone()).await?;
    let known = users::credentials(&app.db, &email_key).await?;
    let (account, hash) = match known {
        Some(known) => (Some((known.user, known.state)), Some(known.password_hash)),
        None => (None, None),
    };
    let verified = app.passwords.verify(place, password, hash).await?;
    let Some((user, UserState::Active)) = account.filter(|_| verified && allowed) else {
        return Err(Error::unauthenticated("the e-mail address or the password is wrong").into());
    };
    let opening = Opening { email_key, user, token: refresh::generate()?, now: app.clock.now() };
    let token = opening.token.clone();
    let granted = app.db.write(opening, |tx, opening| Box::pin(open(tx, opening))).await?;
    Ok(Response::new(token_set(app, &granted, token)?))
}

async fn open(tx: &mut Tx, opening: &Opening) -> Result<Granted, Error> {
    attempts::clear(&mut *tx, &opening.email_key).await?;
    let session = Session {
        id: SessionId::generate(),
        user: opening.user.clone(),
        created: opening.now,
        last_used: opening.now,
        expires: opening.now + REFRESH_LIFETIME,
    };
    sessions::insert(&mut *tx, &session, MAX_SESSIONS).await?;
    grant(tx, session, &opening.token).await
}
