//! A token bucket. Pure: the caller says what time it is.

use std::time::Duration;

use tokio::time::Instant;

use super::config::TokenBucket;

/// Size and pace of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub max_tokens: u32,
    tokens_per_second: f64,
}

impl From<TokenBucket> for Rate {
    fn from(config: TokenBucket) -> Self {
        let tokens_per_second = f64::from(config.tokens_per_fill.0) / config.fill_interval.0.as_secs_f64();
        Self { max_tokens: config.max_tokens, tokens_per_second }
    }
}

/// Starts full and fills evenly.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    tokens: f64,
    at: Instant,
}

/// What a bucket says after a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Whether there was a token.
    pub allowed: bool,
    /// The bucket's size.
    pub limit: u32,
    /// Whole tokens left.
    pub remaining: u32,
    /// Until there is a token again; zero while there is one.
    pub retry_after: Duration,
}

impl Bucket {
    pub fn full(rate: Rate, now: Instant) -> Self {
        Self { tokens: f64::from(rate.max_tokens), at: now }
    }

    /// Takes a token if there is one.
    pub fn take(&mut self, rate: Rate, now: Instant) -> Level {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * rate.tokens_per_second;
        let max = f64::from(rate.max_tokens);
        self.tokens = (self.tokens + gained).min(max);
        self.at = now;
        let allowed = self.tokens >= 1.0;
        if allowed {
            self.tokens -= 1.0;
        }
        let wait = |tokens: f64| Duration::from_secs_f64((tokens / rate.tokens_per_second).max(0.0));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 <= tokens <= max_tokens, a u32"
        )]
        let remaining = self.tokens as u32;
        Level { allowed, limit: rate.max_tokens, remaining, retry_after: wait(1.0 - self.tokens) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bootstrap::scalars::{ProtoDuration, Wrapper};

    fn rate(max_tokens: u32, tokens_per_fill: u32, millis: u64) -> Rate {
        TokenBucket {
            max_tokens,
            tokens_per_fill: Wrapper(tokens_per_fill),
            fill_interval: ProtoDuration(Duration::from_millis(millis)),
        }
        .into()
    }

    #[test]
    fn empties_and_refills() {
        let (rate, start) = (rate(2, 1, 1000), Instant::now());
        let mut bucket = Bucket::full(rate, start);
        assert_eq!(bucket.take(rate, start).remaining, 1);
        assert!(bucket.take(rate, start).allowed);
        let refused = bucket.take(rate, start + Duration::from_millis(500));
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after, Duration::from_millis(500));
        assert!(bucket.take(rate, start + Duration::from_millis(1000)).allowed);
    }

    proptest! {
        #[test]
        fn never_more_than_burst_plus_rate(max in 1u32..50, per_second in 1u32..50, gaps in prop::collection::vec(0u64..400, 1..200)) {
            let (rate, start) = (rate(max, per_second, 1000), Instant::now());
            let mut bucket = Bucket::full(rate, start);
            let (mut elapsed, mut allowed) = (Duration::ZERO, 0u32);
            for gap in gaps {
                elapsed += Duration::from_millis(gap);
                allowed += u32::from(bucket.take(rate, start + elapsed).allowed);
                let most = f64::from(max) + elapsed.as_secs_f64() * f64::from(per_second);
                prop_assert!(f64::from(allowed) <= most + 1e-6);
            }
        }
    }
}
