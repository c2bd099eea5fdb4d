//! The whole shop dies without warning while real baskets are bought, again and again, and the client sometimes too.
//! `SHOPMESH_KILLS` says how often (5), `SHOPMESH_SEED` (not 0) repeats the moments of an earlier run.

use std::{fs, time::Duration};

use super::{LONGEST, figure, outcome, start, stock};
use crate::support::{Process, Shop, noise::Noise, within};

/// Of so many kills one, the third, hits the client as well, but never the last: somebody must live through that.
const CLIENT_TOO: usize = 8;

#[test]
fn kills_at_random_moments_lose_nothing_and_double_nothing() {
    let kills = setting("SHOPMESH_KILLS").map_or(5, |kills| usize::try_from(kills.max(1)).unwrap());
    let seed = setting("SHOPMESH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    assert_ne!(seed, 0, "SHOPMESH_SEED must not be 0: no chance follows from it");
    let mut noise = Noise(seed);
    let baskets = 100 + 10 * kills;
    let mut shop = Shop::start();
    stock(&shop, baskets);
    let mut replay = start_replay(&shop, baskets);
    // The first while accounts are opened, the others while baskets are bought. A basket is five lines of the journal
    // at least, and few have nothing to buy: all moments come before the end.
    let mut moments: Vec<(&str, usize)> =
        (1..kills).map(|_| ("basket", 1 + noise.below(4 * baskets))).collect();
    moments.sort_unstable();
    moments.insert(0, ("signed_in", 1 + noise.below(50)));
    println!("SHOPMESH_SEED={seed} SHOPMESH_KILLS={kills}: after these lines of the journal: {moments:?}");
    let mut least = 1;
    for (number, (entry, count)) in moments.into_iter().enumerate() {
        within(LONGEST, "the replay goes on", || {
            assert!(replay.exit_status().is_none(), "seed {seed}: the replay ended early:\n{}", replay.log());
            (entries(&shop, entry) >= count.max(least)).then_some(())
        });
        // Not always right after a line was written: anywhere within a few calls.
        std::thread::park_timeout(Duration::from_millis(u64::try_from(noise.below(60)).unwrap()));
        shop.kill();
        if number % CLIENT_TOO == 2 && number + 1 < kills {
            replay.kill();
            shop.restart();
            // The new one is connected once it buys: a shop that is not there when it starts is told, not waited for.
            least = entries(&shop, "basket") + 1;
            replay = start_replay(&shop, baskets);
        } else {
            shop.restart();
        }
    }
    let (agrees, report) = outcome(replay);
    println!("{report}");
    assert!(agrees, "seed {seed}:\n{report}");
    let accounted = figure(&report, "baskets begun, settled") + figure(&report, "with nothing to buy");
    assert_eq!(Ok(accounted), i64::try_from(baskets), "seed {seed}:\n{report}");
    let repeated = figure(&report, "calls asked again");
    assert!(repeated > 0 || kills < 5, "seed {seed}: no kill hit the client that ended:\n{report}");
}

fn start_replay(shop: &Shop, baskets: usize) -> Process {
    start(shop, "replay", &["--baskets", &baskets.to_string(), "--concurrency", "8"])
}

/// Lines of this kind in the journal.
fn entries(shop: &Shop, kind: &str) -> usize {
    let journal = fs::read_to_string(shop.data.join("replay/journal.jsonl")).unwrap_or_default();
    let start = format!("{{\"entry\":\"{kind}\"");
    journal.lines().filter(|line| line.starts_with(&start)).count()
}

// What is tested, not how the shop runs: there is no command line to put it on.
#[allow(clippy::disallowed_methods)]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}
