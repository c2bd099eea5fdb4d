//! Sessions: what signing in opens.

use shopmesh_kit::clock::Timestamp;

use super::{limits::REFRESH_LIFETIME, roles::RoleBinding};
use crate::ids::{SessionId, UserId};

/// An open session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When it was opened.
    pub created: Timestamp,
    /// When it was last refreshed.
    pub last_used: Timestamp,
    /// When its refresh token expires.
    pub expires: Timestamp,
}

impl Session {
    /// A new one.
    pub fn open(user: UserId, now: Timestamp) -> Self {
        let expires = now + REFRESH_LIFETIME;
        Self { id: SessionId::generate(), user, created: now, last_used: now, expires }
    }

    /// The session after a use: its time begins anew.
    pub fn used(self, now: Timestamp) -> Self {
        Self { last_used: now, expires: now + REFRESH_LIFETIME, ..self }
    }
}

/// An open session and what its next access token says.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The session.
    pub session: Session,
    /// Version of the account: a token of an older one is void once something is taken from the account.
    pub version: i64,
    /// The roles of that version.
    pub bindings: Vec<RoleBinding>,
}

/// Why a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The user signed out.
    SignedOut,
    /// A spent refresh token was used again.
    TokenReused,
    /// The account had too many open sessions, and this was the oldest.
    Displaced,
}
