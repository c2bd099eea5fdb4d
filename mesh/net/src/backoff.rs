//! Pauses between tries that grow up to a limit (exponential backoff).

use std::time::Duration;

/// How long to pause after so many failures in a row.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The pause after the first failure.
    pub first: Duration,
    /// How many times as long each further pause is.
    pub factor: f64,
    /// The longest pause.
    pub longest: Duration,
}

impl Backoff {
    /// Pauses from `first`, each twice as long as the one before, up to `longest`.
    pub const fn doubling(first: Duration, longest: Duration) -> Self {
        Self { first, factor: 2.0, longest }
    }

    /// The pause before the next try when `earlier` tries had failed before the one that failed now: the first for 0.
    pub fn after(&self, earlier: u32) -> Duration {
        let growth = self.factor.powi(i32::try_from(earlier).unwrap_or(i32::MAX));
        let pause = Duration::try_from_secs_f64(self.first.as_secs_f64() * growth);
        // One that no duration holds is too long as well.
        pause.map_or(self.longest, |pause| pause.min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest() {
        let millis = Duration::from_millis;
        let doubling = Backoff::doubling(millis(100), millis(1_500));
        assert_eq!(
            [0, 1, 2, 3, 4].map(|earlier| doubling.after(earlier)),
            [100, 200, 400, 800, 1_500].map(millis)
        );
        assert_eq!(doubling.after(u32::MAX), millis(1_500));
        let slower = Backoff { factor: 1.6, ..doubling };
        assert_eq!([0, 1, 2, 9].map(|earlier| slower.after(earlier)), [100, 160, 256, 1_500].map(millis));
    }
}
