//! Times of many operations.

use std::time::Duration;

/// Times and their percentiles.
#[derive(Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds the time of one operation.
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Nearest-rank percentile; `None` of nothing.
    pub fn percentile(&mut self, percent: usize) -> Option<Duration> {
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100).max(1) - 1;
        self.0.get(rank).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measured_values() {
        let (mut latencies, mut later) = (Latencies::default(), Latencies::default());
        assert_eq!(latencies.percentile(50), None);
        for millis in (1..=100).rev() {
            latencies.add(Duration::from_millis(millis));
            later.add(Duration::from_millis(100 + millis));
        }
        latencies.merge(later);
        assert_eq!(latencies.count(), 200);
        let percentiles = [0, 50, 99, 100].map(|percent| latencies.percentile(percent));
        assert_eq!(percentiles, [1, 100, 198, 200].map(|millis| Some(Duration::from_millis(millis))));
    }
}
