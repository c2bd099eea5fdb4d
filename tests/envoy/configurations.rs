//! Bootstraps that Envoy takes and refuses. `edge/tests/config_errors.rs` reads the same table with our edge.

use std::{fs, num::NonZeroUsize, sync::Mutex, thread};

use crate::support::envoy;
use config_cases::{Verdict, cases, document};

// What our edge says to them is for its own test to read.
#[allow(dead_code)]
#[path = "../../edge/tests/config_cases/mod.rs"]
pub mod config_cases;

#[test]
fn envoy_takes_what_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let (cases, wrong) = (Mutex::new(cases().enumerate()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let next = cases.lock().unwrap().next();
            let Some((at, (slot, text, verdict))) = next else { return };
            let file = folder.path().join(format!("{at}.yaml"));
            fs::write(&file, document(*slot, text)).unwrap();
            let outcome = envoy::validate(&file);
            if outcome.is_ok() != matches!(verdict, Verdict::Taken | Verdict::Stricter(..)) {
                wrong.lock().unwrap().push(format!("{slot:?} {text}: {verdict:?}, but Envoy: {outcome:?}"));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZeroUsize::get).min(4) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
