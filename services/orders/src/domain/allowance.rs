//! What one person may have under way: carts that are kept for them, and units that are held for them before they are
//! paid for.

use std::time::Duration;

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
};

use crate::ids::CheckoutId;

/// Open carts a person can have.
pub const MAX_OPEN_CARTS: i64 = 50;
/// Checkouts of a person that run at the same time.
pub const MAX_RUNNING_CHECKOUTS: usize = 3;
/// Failed checkouts of a person that are kept to be looked at.
pub const MAX_FAILED_CHECKOUTS: i64 = 100;
/// How long a person waits after the first, second... payment that failed: each held units that others wanted. Another
/// card is tried at once; whoever goes on failing waits longer each time.
const WAITS: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_hours(1),
];
/// After this time without a failure all are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
/// When to look whether one of the running checkouts has ended.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Refuses another cart beside `open` ones.
pub fn allow_cart(owner: &str, open: i64) -> Result<()> {
    if open < MAX_OPEN_CARTS {
        return Ok(());
    }
    let problem = format!("has {MAX_OPEN_CARTS} open carts, which is the most; delete one or check it out");
    Err(Error::precondition("LIMIT", owner, problem))
}

/// What failed payments hold a person back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setbacks {
    /// Payments that failed, less those that were made since; never more than there are waits.
    pub failures: i64,
    /// When the last one failed.
    pub last_failed: Timestamp,
}

impl Setbacks {
    /// Refuses another checkout while too many run, or too soon after failures.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED `CHECKOUTS_RUNNING` with one of them, or `PAYMENT_BACKOFF`; both say when to try again.
    pub fn allow_checkout(&self, running: &[CheckoutId], now: Timestamp) -> Result<()> {
        if let [first, ..] = running
            && running.len() >= MAX_RUNNING_CHECKOUTS
        {
            let problem = format!("{MAX_RUNNING_CHECKOUTS} of your checkouts run; wait until one has ended");
            return Err(Error::exhausted(problem, LOOK_AGAIN)
                .with_reason("CHECKOUTS_RUNNING")
                .with_metadata("checkout", first.name()));
        }
        let left = (self.last_failed + self.wait(now)).since(now);
        if left.is_zero() {
            return Ok(());
        }
        let problem = format!("payments failed; try again in {} s", left.as_secs() + 1);
        Err(Error::exhausted(problem, left).with_reason("PAYMENT_BACKOFF"))
    }

    /// After one more payment that failed.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        let most = i64::try_from(WAITS.len()).unwrap_or(i64::MAX);
        Self { failures: (self.counted(now) + 1).min(most), last_failed: now }
    }

    /// After a payment that was made. It makes up for one failure only, or a small purchase would clear all.
    #[must_use]
    pub fn paid(self, now: Timestamp) -> Self {
        Self { failures: (self.counted(now) - 1).max(0), ..self }
    }

    fn counted(&self, now: Timestamp) -> i64 {
        if now.since(self.last_failed) < FORGOTTEN_AFTER { self.failures } else { 0 }
    }

    fn wait(&self, now: Timestamp) -> Duration {
        let nth = usize::try_from(self.counted(now)).unwrap_or(0);
        nth.checked_sub(1).map_or(Duration::ZERO, |at| WAITS[at.min(WAITS.len() - 1)])
    }
}

#[cfg(test)]
mod tests {
    use shopmesh_kit::error::ErrorKind;

    use super::*;

    const START: Timestamp = Timestamp(1_700_000_000_000_000);

    /// After `failures` in a row at [`START`].
    fn setbacks(failures: usize) -> Setbacks {
        (0..failures).fold(Setbacks::default(), |setbacks, _| setbacks.failed(START))
    }

    #[test]
    fn another_card_is_tried_at_once_and_waits_grow_up_to_an_hour() {
        assert!(setbacks(0).allow_checkout(&[], START).is_ok());
        assert!(setbacks(1).allow_checkout(&[], START).is_ok());
        for (failures, seconds) in [(2, 5), (3, 30), (4, 120), (5, 600), (6, 3600), (60, 3600)] {
            let held_back = setbacks(failures);
            let early = held_back.allow_checkout(&[], START + Duration::from_secs(seconds - 1)).unwrap_err();
            assert_eq!((early.kind(), early.reason()), (ErrorKind::ResourceExhausted, "PAYMENT_BACKOFF"));
            assert!(held_back.allow_checkout(&[], START + Duration::from_secs(seconds)).is_ok());
        }
    }

    #[test]
    fn a_payment_makes_up_for_one_failure_and_a_day_for_all() {
        let paid = setbacks(6).paid(START);
        assert_eq!(paid.failures, 5);
        assert!(paid.allow_checkout(&[], START + Duration::from_mins(9)).is_err());
        let next_day = START + FORGOTTEN_AFTER;
        assert!(setbacks(6).allow_checkout(&[], next_day).is_ok());
        assert_eq!(setbacks(6).failed(next_day).failures, 1);
        assert_eq!(setbacks(0).paid(START).failures, 0);
    }

    #[test]
    fn few_checkouts_run_at_once() {
        let running: Vec<CheckoutId> = (0..MAX_RUNNING_CHECKOUTS).map(|_| CheckoutId::generate()).collect();
        assert!(Setbacks::default().allow_checkout(&running[1..], START).is_ok());
        let refused = Setbacks::default().allow_checkout(&running, START).unwrap_err();
        assert_eq!(refused.reason(), "CHECKOUTS_RUNNING");
        assert_eq!(allow_cart("users/a", MAX_OPEN_CARTS).unwrap_err().reason(), "LIMIT");
        assert!(allow_cart("users/a", MAX_OPEN_CARTS - 1).is_ok());
    }
}
