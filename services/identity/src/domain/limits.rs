//! How much of everything an account may have, and for how long.

use std::time::Duration;

/// Addresses of one account.
pub const MAX_ADDRESSES: usize = 100;
/// Open sessions of one account; the oldest gives way to the next.
pub const MAX_SESSIONS: i64 = 100;
/// Role bindings of one account: what an access token of 4 KiB can carry.
pub const MAX_BINDINGS: usize = 20;
/// Spent refresh tokens that are kept of a session, to end it when one of them comes again: days of use. An older one is refused like
/// any that was never given.
pub const MAX_SPENT_TOKENS: i64 = 1000;
/// An unused session ends after this time.
pub const REFRESH_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// Of an access token. What was granted may be missing in it for as long; what was taken away is revoked.
pub const ACCESS_LIFETIME: Duration = Duration::from_secs(300);
/// A revocation outlives the last token it is about by this time, for verifiers whose clocks are late.
pub const REVOCATION_GRACE: Duration = Duration::from_secs(60);
/// The owner of an address is told of a repeated sign-up at most once in this time.
pub const REPEAT_NOTICE: Duration = Duration::from_secs(3600);
/// How long an address that an account was used from is remembered.
pub const KNOWN_PLACE: Duration = Duration::from_secs(90 * 24 * 3600);
/// Callers that wait at once for their turn to try a password; further ones are told to come back.
pub const MAX_WAITING: usize = 1024;
/// A refresh token that was just used gives the same successor once more for this time: tabs of a browser refresh at
/// once, and answers are lost.
pub const REFRESH_GRACE: Duration = Duration::from_secs(30);
