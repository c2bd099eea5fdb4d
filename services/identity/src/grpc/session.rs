//! What signing in and refreshing have in common.

use prost_types::Duration;
use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};
use shopmesh_proto::identity::v1::TokenSet;

use crate::{
    app::App,
    domain::limits::ACCESS_LIFETIME,
    store::{roles, sessions::Session},
    tokens::Holder,
};

/// An open session and what its access token says.
pub struct Granted {
    pub session: Session,
    pub holder: Holder,
}

/// Reads the roles that the next access token of a session will carry.
pub async fn grant(tx: &mut Tx, session: Session) -> Result<Granted> {
    let (version, bindings) = roles::with_version(tx, &session.user).await?;
    let holder = Holder { user: session.user.clone(), session: session.id.clone(), version, bindings };
    Ok(Granted { session, holder })
}

/// The tokens of a granted session.
pub fn token_set(app: &App, granted: &Granted, refresh_token: String) -> Result<TokenSet> {
    let Granted { session, holder } = granted;
    let access_token = app.keys.sign(holder, session.last_used)?;
    let seconds = i64::try_from(ACCESS_LIFETIME.as_secs()).map_err(Error::internal)?;
    Ok(TokenSet {
        access_token,
        refresh_token,
        token_type: "Bearer".to_owned(),
        expires_in: Some(Duration { seconds, nanos: 0 }),
        user: session.user.name(),
    })
}
