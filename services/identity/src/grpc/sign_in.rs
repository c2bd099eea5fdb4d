//! SignIn: opens a session for a right password. A wrong one, an unknown or suspended account and a guess too many answer
//! the same in the same time.

use shopmesh_kit::{db::Tx, error::Error, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1::{self as pb, SessionRevocationReason};
use tonic::{Request, Response, Status};

use super::{
    Origin,
    session::{Granted, grant, token_set},
    sign_out::publish,
};
use crate::{
    app::App,
    domain::{
        email::Email,
        limits::{MAX_SESSIONS, REFRESH_LIFETIME},
        password::Password,
        user::UserState,
    },
    guesses::{self, Attempt},
    ids::{SessionId, UserId},
    store::{
        attempts,
        sessions::{self, Session},
        users,
    },
    tokens::refresh,
};

struct Opening {
    attempt: Attempt,
    user: UserId,
    token: String,
    cause: Cause,
}

/// Answers the tokens of a new session.
pub async fn sign_in(
    app: &App,
    request: Request<pb::SignInRequest>,
) -> Result<Response<pb::TokenSet>, Status> {
    let mut cause = Cause::of(Call::of(&request)?, &*app.clock);
    let origin = Origin::of(&request, app.config.trusted_hops)?;
    let pb::SignInRequest { email, password } = request.into_inner();
    let password = Password::attempt(&password);
    // What is no address belongs to nobody, like any address that is not known.
    let email_key = match Email::parse("email", &email) {
        Ok(email) => app.email_key(&email),
        Err(_) => refresh::hash(&email),
    };
    let mut place = app.passwords.take_place()?;
    let attempt = guesses::admit(app, &email_key, &origin).await?;
    if let Some(attempt) = attempt.as_ref().filter(|attempt| !attempt.hold.is_zero()) {
        // Who waits is not in the way of those whose turn it is.
        drop(place);
        attempt.wait(app).await?;
        place = app.passwords.take_place()?;
    }
    let known = users::credentials(&app.db, &email_key).await?;
    let (account, hash) = match known {
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
            return Err(Error::unauthenticated("the e-mail address or the password is wrong").into());
        }
    };
    // The password took its time.
    cause.at = app.clock.now();
    let opening = Opening { attempt, user, token: refresh::generate()?, cause };
    let token = opening.token.clone();
    let granted = app.db.write(opening, |tx, opening| Box::pin(open(tx, opening))).await?;
    Ok(Response::new(token_set(app, &granted, token)?))
}

async fn open(tx: &mut Tx, opening: &Opening) -> Result<Granted, Error> {
    let (Attempt { keys, .. }, now) = (&opening.attempt, opening.cause.at);
    attempts::forgive(&mut *tx, keys).await?;
    attempts::remember(&mut *tx, keys, &opening.user, now).await?;
    let session = Session {
        id: SessionId::generate(),
        user: opening.user.clone(),
        created: now,
        last_used: now,
        expires: now + REFRESH_LIFETIME,
    };
    for displaced in sessions::insert(&mut *tx, &session, MAX_SESSIONS).await? {
        let reason = SessionRevocationReason::Displaced;
        publish(&mut *tx, &opening.cause, &session.user, &displaced, reason).await?;
    }
    sessions::insert_token(&mut *tx, &session.id, &refresh::hash(&opening.token)).await?;
    grant(tx, session).await
}
