//! Time to start, memory and size.

use std::{process::Command, time::Duration};

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use crate::{
    process,
    report::{self, Row},
    shop::{self, Shop},
    stats::median,
};

#[derive(Debug, Args)]
pub struct Options {
    /// How often a fresh shop is started.
    #[arg(long, default_value_t = 5)]
    starts: usize,
    /// How long a shop is left alone before its memory is read, seconds.
    #[arg(long, default_value_t = 3)]
    idle: u64,
}

#[derive(Serialize)]
struct Figure {
    what: &'static str,
    value: f64,
    unit: &'static str,
}

impl Row for Figure {
    const COLUMNS: &'static [&'static str] = &["what", "figure"];

    fn cells(&self) -> Vec<String> {
        vec![self.what.to_owned(), format!("{:.1} {}", self.value, self.unit)]
    }
}

pub async fn run(options: Options) -> anyhow::Result<()> {
    let (mut ready, mut idle, mut peak, mut cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.starts {
        let shop = Shop::start(true).await?;
        ready.push(shop.ready_in.as_secs_f64() * 1000.0);
        let before = process::cpu(shop.process.pid())?;
        tokio::time::sleep(Duration::from_secs(options.idle)).await;
        let (now, most) = process::memory(shop.process.pid())?;
        idle.push(now);
        peak.push(most);
        let spent = process::cpu(shop.process.pid())?.saturating_sub(before);
        cpu.push(spent.as_secs_f64() * 1000.0 / Duration::from_secs(options.idle.max(1)).as_secs_f64());
    }
    let binary = shop::binary()?;
    let (loaded, file) = (loaded_size(&binary)?, std::fs::metadata(&binary)?.len());
    let figure = |what, value, unit| Figure { what, value, unit };
    report::write(
        "footprint",
        &[
            figure("fresh shop: start to first answer, median", median(&ready), "ms"),
            figure("resident when idle, median", median(&idle), "MiB"),
            figure("resident at most while starting, median", median(&peak), "MiB"),
            figure("CPU when idle, median", median(&cpu), "ms/s"),
            figure("binary: code and data", mib(loaded), "MiB"),
            figure("binary: file, with line tables", mib(file), "MiB"),
        ],
    )
}

/// Bytes of code and data, by binutils' `size`.
fn loaded_size(binary: &std::path::Path) -> anyhow::Result<u64> {
    let output = Command::new("size").arg(binary).output().context("binutils' `size` is needed")?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().nth(1).context("no figures from `size`")?;
    Ok(line.split_whitespace().nth(3).context("no sum")?.parse()?)
}

#[allow(clippy::cast_precision_loss)] // A size of files, shown with one decimal.
fn mib(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
