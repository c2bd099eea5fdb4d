//! What signing in and refreshing have in common.

use prost_types::Duration;
use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};
use shopmesh_mesh::server::RoleBinding;
use shopmesh_proto::identity::v1::TokenSet;

use crate::{
    app::App,
    domain::limits::ACCESS_LIFETIME,
    store::{roles, sessions, sessions::Session},
    tokens::refresh,
};

/// A session with a new refresh token, whose hash is stored.
pub struct Granted {
    pub session: Session,
    pub bindings: Vec<RoleBinding>,
}

/// Stores the next refresh token of an open session and reads the roles its access token will carry.
pub async fn grant(tx: &mut Tx, session: Session, token: &str) -> Result<Granted> {
    sessions::insert_token(&mut *tx, &session.id, &refresh::hash(token)).await?;
    let bindings = roles::of(tx, &session.user).await?;
    Ok(Granted { session, bindings })
}

/// The tokens of a granted session.
pub fn token_set(app: &App, granted: &Granted, refresh_token: String) -> Result<TokenSet> {
    let Granted { session, bindings } = granted;
    let access_token = app.keys.sign(&session.user, &session.id, bindings, session.last_used)?;
    let seconds = i64::try_from(ACCESS_LIFETIME.as_secs()).map_err(Error::internal)?;
    Ok(TokenSet {
        access_token,
        refresh_token,
        token_type: "Bearer".to_owned(),
        expires_in: Some(Duration { seconds, nanos: 0 }),
        user: session.user.name(),
    })
}
