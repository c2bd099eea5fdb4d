//! How much of everything an account may have, and for how long.

use std::time::Duration;

/// Addresses of one account.
pub const MAX_ADDRESSES: usize = 100;
/// Open sessions of one account; the oldest gives way to the next.
pub const MAX_SESSIONS: i64 = 100;
/// Role bindings of one account: what an access token of 4 KiB can carry.
pub const MAX_BINDINGS: usize = 20;
/// An unused session ends after this time.
pub const REFRESH_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// Of an access token. What it says may be out of date for as long.
pub const ACCESS_LIFETIME: Duration = Duration::from_secs(300);
/// The owner of an address is told of a repeated sign-up at most once in this time.
pub const REPEAT_NOTICE: Duration = Duration::from_secs(3600);

/// Password attempts on one address within [`ATTEMPT_WINDOW`]; further ones fail whatever the password.
pub const MAX_ATTEMPTS: i64 = 10;
/// Counted from the first attempt, so that an attacker cannot keep an account locked by going on.
pub const ATTEMPT_WINDOW: Duration = Duration::from_secs(15 * 60);
