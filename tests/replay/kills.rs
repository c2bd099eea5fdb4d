//! The whole shop dies without warning while real baskets are bought, again and again, and the client sometimes too.
//! `SHOPMESH_KILLS` says how often (5), `SHOPMESH_SEED` repeats the moments of an earlier run.

use super::{LONGEST, figure, outcome, start, stock};
use crate::support::{Process, Shop, within};
use std::{fs, time::Duration};

/// Of so many kills one hits the client as well.
const CLIENT_TOO: usize = 5;

#[test]
fn kills_at_random_moments_lose_nothing_and_double_nothing() {
    let kills = setting("SHOPMESH_KILLS").map_or(5, |kills| usize::try_from(kills).unwrap());
    let seed = setting("SHOPMESH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let mut chance = Chance(seed);
    let baskets = 100 + 10 * kills;
    let mut shop = Shop::start();
    stock(&shop, baskets);
    let mut replay = start_replay(&shop, baskets);
    // A basket is five lines of the journal at least, so that all moments come before the end.
    let mut moments: Vec<usize> = (0..kills).map(|_| chance.below(5 * baskets)).collect();
    moments.sort_unstable();
    println!("SHOPMESH_SEED={seed} SHOPMESH_KILLS={kills}: after lines {moments:?} of the journal");
    for (number, moment) in moments.into_iter().enumerate() {
        within(LONGEST, "the replay goes on", || {
            assert!(replay.exit_status().is_none(), "seed {seed}: the replay ended early:\n{}", replay.log());
            (lines(&shop) >= moment).then_some(())
        });
        // Not always right after a line was written: anywhere within a few calls.
        std::thread::park_timeout(Duration::from_millis(u64::try_from(chance.below(60)).unwrap()));
        if number % CLIENT_TOO == CLIENT_TOO - 1 {
            replay.kill();
        }
        shop.kill();
        shop.restart();
        if replay.exit_status().is_some() {
            replay = start_replay(&shop, baskets);
        }
    }
    let (agrees, report) = outcome(replay);
    println!("{report}");
    assert!(agrees, "seed {seed}:\n{report}");
    let begun = figure(&report, "baskets begun, settled");
    assert!(begun > i64::try_from(baskets).unwrap() / 2, "seed {seed}:\n{report}");
}

fn start_replay(shop: &Shop, baskets: usize) -> Process {
    start(shop, "replay", &["--baskets", &baskets.to_string(), "--concurrency", "8"])
}

fn lines(shop: &Shop) -> usize {
    let journal = fs::read(shop.data.join("replay/journal.jsonl")).unwrap_or_default();
    journal.iter().filter(|byte| **byte == b'\n').count()
}

// What is tested, not how the shop runs: there is no command line to put it on.
#[allow(clippy::disallowed_methods)]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Numbers that follow from a seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let limit = u64::try_from(limit).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap()
    }
}
