//! When keys that sign access tokens come and go.
//!
//! There is always a current key and a next one. Both are published, so that every verifier knows the next one long
//! before it signs; a former one stays published until the last token it signed has expired.

use std::time::Duration;

use shopmesh_kit::clock::Timestamp;

/// How long a key signs.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// Shortest time a key is published before it signs: two periods of 5 minutes that verifiers cache keys.
pub const NOTICE: Duration = Duration::from_secs(600);
/// How long a former key stays published: the life of a token, and clocks that differ.
pub const GRACE: Duration = Duration::from_secs(600);

/// What is to be done to the keys.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Plan {
    /// Keys to create, by the time from which they sign.
    pub create: Vec<Timestamp>,
    /// Keys to delete, by the time from which they signed.
    pub delete: Vec<Timestamp>,
}

/// The key that signs at `now`, of keys given by the time from which they sign. On a clock that was set back before all
/// of them it is the first: every verifier knows it.
pub fn current(
    signs_from: impl IntoIterator<Item = Timestamp, IntoIter: Clone>,
    now: Timestamp,
) -> Option<Timestamp> {
    let all = signs_from.into_iter();
    all.clone().filter(|from| *from <= now).max().or_else(|| all.min())
}

/// What is to be done at `now`.
pub fn plan(signs_from: &[Timestamp], now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    let current = current(signs_from.iter().copied(), now).unwrap_or_else(|| {
        // The first key: nobody has cached a set without it.
        plan.create.push(now);
        now
    });
    if !signs_from.iter().any(|from| *from > now) {
        plan.create.push((current + LIFETIME).max(now + NOTICE));
    }
    if now >= current + GRACE {
        plan.delete.extend(signs_from.iter().filter(|from| **from < current));
    }
    plan
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_start_makes_two() {
        let now = Timestamp(1_000);
        assert_eq!(plan(&[], now), Plan { create: vec![now, now + LIFETIME], delete: vec![] });
    }

    #[test]
    fn after_a_long_sleep_the_next_key_is_announced_first() {
        let now = Timestamp(0) + LIFETIME * 5;
        let keys = [Timestamp(0), Timestamp(0) + LIFETIME];
        assert_eq!(plan(&keys, now), Plan { create: vec![now + NOTICE], delete: vec![keys[0]] });
    }

    #[test]
    fn a_clock_that_was_set_back_signs_with_the_first_key() {
        let keys = [Timestamp(2_000), Timestamp(1_000)];
        assert_eq!(current(keys, Timestamp(500)), Some(Timestamp(1_000)));
        assert_eq!(current([], Timestamp(500)), None);
        assert_eq!(plan(&keys, Timestamp(500)), Plan::default());
    }

    proptest! {
        #[test]
        fn verifiers_always_know_the_signing_key(steps in prop::collection::vec(1_u64..20 * 24 * 3600, 1..60)) {
            let mut now = Timestamp(0);
            let mut keys: Vec<(Timestamp, Timestamp)> = Vec::new(); // signs from, published at
            for step in steps {
                let signs_from: Vec<_> = keys.iter().map(|key| key.0).collect();
                let signed_before = current(signs_from.iter().copied(), now);
                let plan = plan(&signs_from, now);
                let first = keys.is_empty();
                keys.retain(|key| !plan.delete.contains(&key.0));
                keys.extend(plan.create.iter().map(|from| (*from, now)));
                prop_assert!(keys.len() <= 3);
                let signing = current(keys.iter().map(|key| key.0), now).unwrap();
                prop_assert!(signed_before.is_none_or(|before| before == signing), "the plan must not change what signs");
                let published = keys.iter().find(|key| key.0 == signing).unwrap().1;
                prop_assert!(first || published + NOTICE <= signing || published == Timestamp(0));
                prop_assert!(keys.iter().any(|key| key.0 > now));
                now = now + Duration::from_secs(step);
            }
        }
    }
}
