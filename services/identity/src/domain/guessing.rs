//! How fast passwords may be tried. Guessing becomes slow where it happens: at an account from one address, and from one
//! address at any account. Nobody can make a right password be refused that comes from somewhere else.

use std::time::Duration;

use shopmesh_kit::{Backoff, clock::Timestamp};

/// Wrong passwords at one account from one address before further ones have to wait.
pub const FREE_AT_PLACE: i64 = 10;
/// The same while the account is under attack, from an address that it was never used from.
pub const FREE_UNDER_ATTACK: i64 = 1;
/// Wrong passwords from one address, at accounts that were never used from it, before further ones have to wait.
pub const FREE_OF_ADDRESS: i64 = 100;
/// Wrong passwords at one account, from addresses that it was never used from, that are an attack.
pub const ATTACK: i64 = 30;
/// The waits after wrong passwords.
pub const PAUSES: Backoff = Backoff::doubling(Duration::from_secs(1), Duration::from_secs(15 * 60));
/// A caller is kept waiting for as long; who would have to wait longer is refused.
pub const LONGEST_HOLD: Duration = Duration::from_secs(5);
/// How long everybody waits at an account under attack who comes from an unknown address.
pub const ATTACK_HOLD: Duration = Duration::from_secs(2);
/// Counters are forgotten when nothing was tried for this time.
pub const MEMORY: Duration = Duration::from_secs(3600);

/// Wrong passwords under one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// How many.
    pub failures: i64,
    /// When the next password may be tried.
    pub opens: Timestamp,
    /// When the last one was.
    pub tried: Timestamp,
}

/// What is known when somebody tries a password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// Of this account from this address.
    pub place: Counter,
    /// Of this address, at accounts that were never used from it.
    pub address: Counter,
    /// Of this account, from addresses that it was never used from.
    pub account: Counter,
    /// Whether the account was used from this address: then only `place` counts.
    pub known: bool,
}

impl Guess {
    /// How long the password has to wait before it is looked at; `None` when it is not to be looked at. It counts at once at
    /// its account and address, until it has turned out right, so that guesses side by side count too.
    pub fn admit(&mut self, now: Timestamp) -> Option<Duration> {
        self.forget(now);
        let attacked = !self.known && self.account.failures >= ATTACK;
        let opens = if self.known { self.place.opens } else { self.place.opens.max(self.address.opens) };
        let start = opens.max(now);
        if start.since(now) > LONGEST_HOLD {
            return None;
        }
        self.place.count(if attacked { FREE_UNDER_ATTACK } else { FREE_AT_PLACE }, start);
        Some(start.since(now) + if attacked { ATTACK_HOLD } else { Duration::ZERO })
    }

    /// The password was wrong: it counts at its address and at its account too, unless the two know one another. Only now,
    /// since many people behind one address may sign in at once.
    pub fn fail(&mut self, now: Timestamp) {
        self.forget(now);
        if !self.known {
            self.address.count(FREE_OF_ADDRESS, now);
            self.account.count(i64::MAX, now);
        }
    }

    fn forget(&mut self, now: Timestamp) {
        for counter in [&mut self.place, &mut self.address, &mut self.account] {
            if counter.tried <= now - MEMORY {
                *counter = Counter::default();
            }
        }
    }
}

impl Counter {
    fn count(&mut self, free: i64, start: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        self.tried = start;
        self.opens = start + pause(self.failures.saturating_sub(free));
    }
}

/// The wait after so many wrong passwords too many.
fn pause(beyond: i64) -> Duration {
    if beyond < 0 { Duration::ZERO } else { PAUSES.after(u32::try_from(beyond).unwrap_or(u32::MAX)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_000_000_000_000);

    /// How many wrong passwords are looked at in `time` by somebody who tries each second.
    fn looked_at(guess: &mut Guess, time: Duration) -> u64 {
        (0..time.as_secs())
            .map(|second| u64::from(guess.admit(START + Duration::from_secs(second)).is_some()))
            .sum()
    }

    #[test]
    fn ten_are_free_and_then_each_waits_twice_as_long() {
        let mut guess = Guess::default();
        let seconds = |wait: Option<Duration>| wait.map(|wait| wait.as_secs());
        for _ in 0..FREE_AT_PLACE {
            assert_eq!(guess.admit(START), Some(Duration::ZERO));
        }
        let waits: Vec<_> = (0..4).map(|_| seconds(guess.admit(START))).collect();
        assert_eq!(waits, [Some(1), Some(3), None, None], "side by side they wait for one another");
        assert_eq!(seconds(guess.admit(START + Duration::from_secs(7))), Some(0), "refusals count nothing");
    }

    #[test]
    fn a_day_of_guessing_from_one_address_is_short() {
        for known in [false, true] {
            let mut guess = Guess { known, ..Guess::default() };
            let tries = looked_at(&mut guess, Duration::from_secs(24 * 3600));
            assert!((100..125).contains(&tries), "{tries}");
        }
    }

    #[test]
    fn counters_are_forgotten_after_an_hour_of_peace() {
        let mut guess = Guess::default();
        while guess.admit(START).is_some() {}
        assert_eq!(guess.admit(START + MEMORY + LONGEST_HOLD), Some(Duration::ZERO));
        assert_eq!(guess.place.failures, 1);
    }

    /// A wrong password, if it is looked at.
    fn wrong(guess: &mut Guess) -> bool {
        let looked_at = guess.admit(START).is_some();
        if looked_at {
            guess.fail(START);
        }
        looked_at
    }

    #[test]
    fn one_address_at_many_accounts() {
        let mut address = Counter::default();
        let mut sprayed = 0;
        for _ in 0..1_000 {
            let mut guess = Guess { address, ..Guess::default() };
            sprayed += i64::from(wrong(&mut guess));
            address = guess.address;
        }
        assert_eq!(sprayed, FREE_OF_ADDRESS + 3);
        // Who was there before it began is not held up by it, and adds nothing to it.
        let mut own = Guess { address, known: true, ..Guess::default() };
        assert!(wrong(&mut own));
        assert_eq!(own.address, address);
    }

    #[test]
    fn many_people_behind_one_address_may_sign_in_at_once() {
        let address = Counter::default();
        for _ in 0..10_000 {
            let mut guess = Guess { address, ..Guess::default() };
            assert_eq!(guess.admit(START), Some(Duration::ZERO));
            assert_eq!(guess.address, address, "right passwords count nowhere else");
        }
    }

    #[test]
    fn many_addresses_at_one_account() {
        let mut account = Counter::default();
        let mut looked_at = 0;
        for _ in 0..100 {
            let mut guess = Guess { account, ..Guess::default() };
            looked_at += (0..20).filter(|_| wrong(&mut guess)).count();
            account = guess.account;
        }
        assert!(looked_at < 400, "{looked_at}: two or three each");
        // The right password is slow from where nobody has guessed, and never refused.
        let mut elsewhere = Guess { account, ..Guess::default() };
        assert_eq!(elsewhere.admit(START), Some(ATTACK_HOLD));
        // And as fast as ever where the account is at home.
        let mut home = Guess { account, known: true, ..Guess::default() };
        assert_eq!(home.admit(START), Some(Duration::ZERO));
    }

    #[test]
    fn pauses_have_an_end() {
        assert_eq!((pause(-1), pause(0), pause(3)), (Duration::ZERO, PAUSES.first, PAUSES.first * 8));
        assert_eq!((pause(10), pause(i64::MAX)), (PAUSES.longest, PAUSES.longest));
    }
}
