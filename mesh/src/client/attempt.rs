//! Whether a failed attempt may be repeated, and when.

use std::time::Duration;

use shopmesh_proto::policy::RetryClass;
use tonic::{Code, Status, metadata::MetadataMap};

use crate::net::{backoff::Backoff, jitter::jittered, pool::PoolError};

/// Attempts in all.
pub const MAX_ATTEMPTS: u32 = 3;
const BACKOFF: Backoff = Backoff::doubling(Duration::from_millis(25), Duration::from_millis(250));

/// Why an attempt gave no answer.
#[derive(Debug)]
pub struct FailedAttempt {
    /// What the caller would be told.
    pub status: Status,
    /// Whether the server certainly did not run it.
    pub unseen: bool,
    /// Until a connection is tried again; zero if there is one.
    pub pause: Duration,
}

impl FailedAttempt {
    /// An answer of the server's.
    pub fn answered(status: Status) -> Self {
        Self { status, unseen: false, pause: Duration::ZERO }
    }
}

impl From<PoolError> for FailedAttempt {
    fn from(error: PoolError) -> Self {
        let pause = if let PoolError::Connect { pause, .. } = &error { *pause } else { Duration::ZERO };
        Self { unseen: error.is_unseen(), status: Status::unavailable(error.to_string()), pause }
    }
}

/// Whether another attempt is safe and of use.
pub fn may_retry(class: RetryClass, failed: &FailedAttempt) -> bool {
    if pushback(failed.status.metadata()).is_some_and(|pause| pause.is_none()) {
        return false;
    }
    match failed.status.code() {
        Code::Unavailable => failed.unseen || class != RetryClass::Unsafe,
        // Somebody else won a race for the same row; the next try sees its result. With a pause in its details it
        // is the running call of the same key.
        Code::Aborted => matches!(class, RetryClass::NoSideEffects) && failed.status.details().is_empty(),
        _ => false,
    }
}

/// Pause before attempt number `next`, counted from 1: 25 ms, doubling to 250 ms, give or take a fifth, unless the
/// server says otherwise (gRPC proposal A6). It covers the pause of a pool that was refused once or twice, as by a
/// server that restarts; a longer one means an outage, which is told at once.
pub fn pause(next: u32, failed: &FailedAttempt) -> Duration {
    if let Some(Some(pause)) = pushback(failed.status.metadata()) {
        return pause;
    }
    let base = BACKOFF.after(next.saturating_sub(1));
    let covered = if failed.pause <= BACKOFF.longest { failed.pause } else { Duration::ZERO };
    jittered(base, 20).max(covered)
}

/// `grpc-retry-pushback-ms`: a pause, or none at all when it is negative or not a number.
fn pushback(metadata: &MetadataMap) -> Option<Option<Duration>> {
    let value = metadata.get("grpc-retry-pushback-ms")?;
    Some(value.to_str().ok().and_then(|value| value.parse().ok()).map(Duration::from_millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: Code, unseen: bool) -> FailedAttempt {
        FailedAttempt { unseen, ..FailedAttempt::answered(Status::new(code, "")) }
    }

    #[test]
    fn only_what_the_contract_allows_is_repeated() {
        use RetryClass::{Idempotent, Keyed, NoSideEffects, Unsafe};
        for class in [NoSideEffects, Idempotent, Keyed] {
            assert!(may_retry(class, &failed(Code::Unavailable, false)));
        }
        assert!(!may_retry(Unsafe, &failed(Code::Unavailable, false)));
        assert!(may_retry(Unsafe, &failed(Code::Unavailable, true)));
        for code in [Code::InvalidArgument, Code::Internal, Code::DeadlineExceeded, Code::ResourceExhausted] {
            assert!(!may_retry(NoSideEffects, &failed(code, false)));
        }
    }

    #[test]
    fn a_server_can_ask_for_a_pause_or_for_none() {
        let mut wait = failed(Code::Unavailable, false);
        wait.status.metadata_mut().insert("grpc-retry-pushback-ms", "70".parse().unwrap());
        assert!(may_retry(RetryClass::Idempotent, &wait));
        assert_eq!(pause(1, &wait), Duration::from_millis(70));
        wait.status.metadata_mut().insert("grpc-retry-pushback-ms", "-1".parse().unwrap());
        assert!(!may_retry(RetryClass::Idempotent, &wait));
    }

    #[test]
    fn pauses_double_to_a_limit() {
        let failure = failed(Code::Unavailable, true);
        assert!((20..=30).contains(&pause(1, &failure).as_millis()));
        assert!((200..=300).contains(&pause(9, &failure).as_millis()));
        let connecting = |millis| FailedAttempt {
            pause: Duration::from_millis(millis),
            ..failed(Code::Unavailable, true)
        };
        assert_eq!(pause(1, &connecting(120)), Duration::from_millis(120));
        assert!(pause(1, &connecting(5000)) < Duration::from_millis(50), "an outage is told at once");
    }
}
