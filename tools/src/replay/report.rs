//! What a replay prints at its end.

use std::{
    io::{self, Write},
    time::Duration,
};

use super::{memory::Memory, play::Played, verify::Check};

/// How it was to shop.
///
/// # Errors
/// Those of `out`.
pub fn played(played: &mut Played, out: &mut impl Write) -> io::Result<()> {
    let per_second = |count: usize, time: Duration| {
        let tenths = u128::try_from(count).unwrap_or_default() * 10_000 / time.as_millis().max(1);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let millis = |time: Option<Duration>| match time {
        Some(time) => format!("{:.1} ms", time.as_secs_f64() * 1000.0),
        None => "-".to_owned(),
    };
    let table = [
        ("baskets", played.baskets.to_string()),
        ("with nothing to buy", played.empty.to_string()),
        ("settled before", played.settled_before.to_string()),
        ("households signed in", played.households.to_string()),
        ("signing in took", format!("{:.1} s", played.signing_in_took.as_secs_f64())),
        ("orders placed", played.placed.to_string()),
        ("shopping took", format!("{:.1} s", played.took.as_secs_f64())),
        ("orders per second", per_second(played.placed, played.took)),
        ("purchase p50", millis(played.purchases.percentile(50))),
        ("purchase p99", millis(played.purchases.percentile(99))),
        ("checkout p50", millis(played.checkouts.percentile(50))),
        ("checkout p99", millis(played.checkouts.percentile(99))),
        ("calls asked again", played.repeated.to_string()),
    ];
    for (what, figure) in table {
        writeln!(out, "{what:<24}{figure:>16}")?;
    }
    played.dirt.write(out)
}

/// What was refused, and how client and shop compare.
///
/// # Errors
/// Those of `out`.
pub fn compared(memory: &Memory, checks: &[Check], out: &mut impl Write) -> io::Result<()> {
    let refusals = memory.refusals();
    if !refusals.is_empty() {
        writeln!(out, "\nrefused, over all runs")?;
    }
    for (reason, count) in refusals {
        writeln!(out, "{count:>12}  {reason}")?;
    }
    writeln!(out, "\n{:<30}{:>20}{:>20}", "over all runs", "client", "shop")?;
    for check in checks {
        let verdict = if check.is_ok() { "ok" } else { "FAILED" };
        writeln!(out, "{:<30}{:>20}{:>20}  {verdict}", check.what, check.client, check.shop)?;
        for difference in &check.differences {
            writeln!(out, "    {difference}")?;
        }
    }
    Ok(())
}
