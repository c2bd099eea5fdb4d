//! `shopmesh version`.

use std::io::Write;

/// Prints the version and what it was built with.
pub fn run() -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "shopmesh {}", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
