//! Time as a value: microseconds of UTC, read from a clock that tests can move.

use std::{
    fmt,
    ops::{Add, Sub},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use crate::error::Error;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Microseconds since 1970-01-01T00:00:00 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The end of time, for "never".
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// Whole seconds since the epoch, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// Time from `earlier` to `self`; zero when `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// As `google.protobuf.Timestamp`.
    pub fn to_proto(self) -> prost_types::Timestamp {
        let nanos = self.0.rem_euclid(MICROS_PER_SECOND) * 1_000;
        prost_types::Timestamp {
            seconds: self.seconds(),
            nanos: i32::try_from(nanos).expect("less than a second of nanoseconds fits i32"),
        }
    }

    /// From `google.protobuf.Timestamp`; nanoseconds below one microsecond are cut.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `field` when nanoseconds are outside 0..=999,999,999 or the time does not fit.
    pub fn from_proto(field: &str, value: &prost_types::Timestamp) -> Result<Self, Error> {
        if !(0..1_000_000_000).contains(&value.nanos) {
            return Err(Error::invalid(field, "nanos must be between 0 and 999999999"));
        }
        let micros = value.seconds.checked_mul(MICROS_PER_SECOND);
        let micros = micros.and_then(|whole| whole.checked_add(i64::from(value.nanos) / 1_000));
        micros.map(Timestamp).ok_or_else(|| Error::invalid(field, "is too far from the present"))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    /// Saturates at [`Timestamp::MAX`].
    fn add(self, later: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(i64::try_from(later.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Timestamp;

    /// Saturates at the smallest time.
    fn sub(self, earlier: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(i64::try_from(earlier.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_proto())
    }
}

/// Where the present comes from.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    // The one place that reads the machine's clock.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        Timestamp(0) + SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

/// A clock that stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock standing at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }

    /// Sets the clock.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn proto_round_trip(micros in -4_000_000_000_000_000_i64..253_402_300_799_999_999) {
            let at = Timestamp(micros);
            prop_assert_eq!(Timestamp::from_proto("t", &at.to_proto()).unwrap(), at);
        }
    }

    #[test]
    fn prints_rfc_3339_and_saturates() {
        assert_eq!(Timestamp(1_500_000).to_string(), "1970-01-01T00:00:01.500Z");
        assert_eq!(Timestamp::MAX + Duration::from_secs(1), Timestamp::MAX);
        let broken = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
        assert!(Timestamp::from_proto("t", &broken).is_err());
    }
}
