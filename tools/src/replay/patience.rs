//! How long the client waits for a shop that is away.

use std::time::Duration;

use tokio::time::{self, Instant};

/// How long a call waits, in all, for a shop that does not answer.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks whether it is back.
pub const PAUSE: Duration = Duration::from_millis(100);
/// A try that had less time than this would say nothing about the shop.
const SHORTEST_TRY: Duration = Duration::from_secs(1);

/// The patience of one call, from its first try on.
#[derive(Debug)]
pub struct Patience {
    end: Instant,
}

impl Patience {
    /// Begins to run out now.
    pub fn begin() -> Self {
        Self { end: Instant::now() + PATIENCE }
    }

    /// What is left of it: the longest that the next try may take.
    pub fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// Pauses; whether there is time for another try.
    pub async fn pause(&self) -> bool {
        let goes_on = self.left() >= PAUSE + SHORTEST_TRY;
        if goes_on {
            time::sleep(PAUSE).await;
        }
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries that take up to `longest` until the patience ends: how many, and how long they took.
    async fn tried(longest: Duration) -> (usize, Duration) {
        let (started, patience) = (Instant::now(), Patience::begin());
        for tries in 1.. {
            time::sleep(longest.min(patience.left())).await;
            if !patience.pause().await {
                return (tries, started.elapsed());
            }
        }
        unreachable!("it ends")
    }

    #[tokio::test(start_paused = true)]
    async fn patience_is_time_whether_tries_hang_or_fail_at_once() {
        let (hanging, took) = tried(Duration::from_secs(30)).await;
        assert_eq!(hanging, 2);
        assert!(took <= PATIENCE + Duration::from_millis(10), "{took:?}");
        let (failing, took) = tried(Duration::ZERO).await;
        assert!((550..=600).contains(&failing), "{failing}");
        assert!(PATIENCE - Duration::from_secs(2) <= took && took <= PATIENCE, "{took:?}");
    }
}
