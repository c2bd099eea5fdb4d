//! When a step that had no definite answer is tried again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shopmesh_kit::{clock::Timestamp, saga::Next};

/// Wait before the second attempt; doubled before each later one.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Attempts of the current step so far. The default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    attempts: u32,
    not_before: Timestamp,
}

impl Retry {
    /// After one more attempt without an answer: 0.2 s, then twice as long each time, up to 30 s.
    #[must_use]
    pub fn again(self, now: Timestamp) -> Self {
        let wait = FIRST_WAIT.saturating_mul(1 << self.attempts.min(16)).min(LONGEST_WAIT);
        Self { attempts: self.attempts.saturating_add(1), not_before: now + wait }
    }

    /// Attempts of the step that had no answer.
    pub fn attempts(self) -> u32 {
        self.attempts
    }

    /// `effect` now, or the time to wait for.
    pub fn when_due<E>(self, effect: E, now: Timestamp) -> Next<E> {
        if now < self.not_before { Next::Wait(self.not_before) } else { Next::Do(effect) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let now = Timestamp(1_000_000);
        let mut retry = Retry::default();
        let mut waits = Vec::new();
        for _ in 0..70 {
            retry = retry.again(now);
            waits.push(retry.not_before.since(now));
        }
        assert_eq!(waits[..4], [200, 400, 800, 1_600].map(Duration::from_millis));
        assert!(waits[8..].iter().all(|wait| *wait == LONGEST_WAIT));
    }
}
