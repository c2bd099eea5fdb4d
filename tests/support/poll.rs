//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// Asks until there is an answer; fails the test after 20 s.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "waited 20 s for: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
