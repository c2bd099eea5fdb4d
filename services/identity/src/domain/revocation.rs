//! Access tokens that are void before they expire.

use shopmesh_kit::clock::Timestamp;

/// Tokens that are void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Place in the list.
    pub position: i64,
    /// `sessions/...` or `users/...` whose tokens they are.
    pub subject: String,
    /// Of a user: tokens that name a lower version are void. Of a session: 0, all are.
    pub below_version: i64,
    /// When the last of them expires.
    pub expires: Timestamp,
}
