//! Progress bars of long commands.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of `length` steps.
///
/// # Errors
/// When its template is wrong, and when `length` does not fit 64 bits.
pub fn bar(what: &'static str, length: usize) -> anyhow::Result<ProgressBar> {
    let style =
        ProgressStyle::with_template("{msg:<12}{bar:40} {human_pos:>8}/{human_len} {per_sec:>14} {eta:>4}")?;
    let length = u64::try_from(length)?;
    Ok(ProgressBar::new(length).with_style(style).with_message(what))
}

/// A sign of life where the length is not known.
///
/// # Errors
/// When its template is wrong.
pub fn spinner(what: &'static str) -> anyhow::Result<ProgressBar> {
    let spinner = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg}")?);
    spinner.set_message(what);
    spinner.enable_steady_tick(Duration::from_millis(100));
    Ok(spinner)
}
