//! Plays baskets: those of one household one after the other, those of different households side by side, the earliest
//! of the year first.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    hash::{BuildHasher, Hasher, RandomState},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::Context;
use indicatif::ProgressBar;
use tokio::task::JoinSet;

use super::{
    buy::{Shopper, Times},
    catalog::Catalog,
    edge::Edge,
    entry::{Entry, Line, Stocked, Units},
    household::Household,
    journal::Journal,
    memory::Memory,
    operator::Operator,
    purchase::Purchase,
};
use crate::{
    complete_journey::{Basket, DirtCounts, Files},
    latencies::Latencies,
    progress,
};

/// Accounts opened side by side: identity takes only so many passwords at once.
const SIGNING_IN: usize = 16;

/// What is played, and how.
pub struct Setup {
    pub files: Files,
    /// The first so many of the year.
    pub baskets: usize,
    /// Households at once.
    pub concurrency: usize,
    pub edge: SocketAddr,
}

/// How it went, this time.
#[derive(Debug, Default)]
pub struct Played {
    /// Baskets that were looked at.
    pub baskets: usize,
    /// Those without a line that the shop could take.
    pub empty: usize,
    /// Those that an earlier run had settled.
    pub settled_before: usize,
    pub dirt: DirtCounts,
    pub households: usize,
    pub signing_in_took: Duration,
    /// Orders that no earlier run had placed.
    pub placed: usize,
    pub took: Duration,
    /// Calls that were sent again after an outage.
    pub repeated: u64,
    pub purchases: Latencies,
    pub checkouts: Latencies,
}

/// The baskets of a household that are still to be played, each with its place in the year.
type LineUp = VecDeque<(usize, Purchase)>;

/// What the workers share.
struct Game {
    run: u32,
    edge: SocketAddr,
    operator: Operator,
    journal: Arc<Journal>,
    bar: ProgressBar,
    /// Who may buy next, by the place of their next basket.
    waiting: Mutex<BTreeMap<usize, (Household, LineUp)>>,
    results: Mutex<Played>,
}

/// Plays what the journal does not know as settled.
///
/// # Errors
/// When the data cannot be read, when the shop sells nothing of it, and those of [`Shopper::buy`].
pub async fn play(
    setup: Setup,
    operator: &Operator,
    journal: Arc<Journal>,
    memory: Memory,
) -> anyhow::Result<Played> {
    let spinner = progress::spinner("reading baskets and the catalog")?;
    let (files, most) = (setup.files, setup.baskets);
    let reading = tokio::task::spawn_blocking(move || Basket::read_first(&files, most));
    let catalog = Catalog::read(operator).await?;
    let (baskets, dirt) = reading.await.context("reading the baskets")??;
    let mut played = Played { dirt, ..Played::default() };
    let run = begin(operator, &journal, &memory).await?;
    let line_ups = line_up(baskets, &catalog, &memory, &mut played);
    spinner.finish_and_clear();

    let bar = progress::bar("baskets", line_ups.values().map(LineUp::len).sum())?;
    let game = Arc::new(Game {
        run,
        edge: setup.edge,
        operator: operator.clone(),
        journal,
        bar,
        waiting: Mutex::default(),
        results: Mutex::new(played),
    });
    let started = Instant::now();
    let households = line_ups.len();
    sign_in(&game, line_ups, memory.users, setup.concurrency.min(SIGNING_IN)).await?;
    let signing_in_took = started.elapsed();

    let started = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..setup.concurrency {
        workers.spawn(work(game.clone()));
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    game.bar.finish_and_clear();
    let mut played = std::mem::take(&mut *game.results.lock().expect("nothing panics while it is held"));
    (played.households, played.signing_in_took) = (households, signing_in_took);
    played.took = started.elapsed();
    Ok(played)
}

/// Names a new journal, and writes down what lies in the shop before anything of it is bought: a variant that has no
/// line yet was never sold to us, for what has no stock cannot be.
async fn begin(operator: &Operator, journal: &Journal, memory: &Memory) -> anyhow::Result<u32> {
    let run = match memory.run {
        Some(run) => run,
        None => {
            // The one source of chance that the standard library has.
            let run = u32::try_from(RandomState::new().build_hasher().finish() >> 32)?;
            journal.write(&Entry::Opened { run })?;
            run
        }
    };
    let mut stock = super::verify::by_variant(&operator.stock().await?);
    stock.retain(|variant, _| !memory.baseline.contains_key(variant));
    if !stock.is_empty() {
        let stock = stock.into_iter().map(|(variant, units): (String, Units)| Stocked(variant, units));
        journal.write(&Entry::Baseline { stock: stock.collect() })?;
    }
    Ok(run)
}

/// What is to be played by household: what an earlier run left unfinished goes first.
fn line_up(
    baskets: Vec<Basket>,
    catalog: &Catalog,
    memory: &Memory,
    played: &mut Played,
) -> HashMap<i64, LineUp> {
    let mut line_ups: HashMap<i64, LineUp> = HashMap::new();
    let unfinished = memory.purchases.values().filter(|purchase| !purchase.is_settled());
    let fresh = baskets.iter().filter_map(|basket| {
        played.baskets += 1;
        let lines: Vec<Line> = catalog.lines(basket, &mut played.dirt);
        match memory.purchases.get(&basket.id) {
            Some(known) => played.settled_before += usize::from(known.is_settled()),
            None if lines.is_empty() => played.empty += 1,
            None => return Some(Purchase::new(basket.id, basket.household, lines)),
        }
        None
    });
    for (place, purchase) in unfinished.cloned().chain(fresh).enumerate() {
        line_ups.entry(purchase.household).or_default().push_back((place, purchase));
    }
    line_ups
}

async fn sign_in(
    game: &Arc<Game>,
    line_ups: HashMap<i64, LineUp>,
    known: HashMap<i64, String>,
    at_once: usize,
) -> anyhow::Result<()> {
    let bar = progress::bar("households", line_ups.len())?;
    let (line_ups, known) = (Arc::new(Mutex::new(line_ups.into_iter())), Arc::new(known));
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (game, line_ups, known, bar) = (game.clone(), line_ups.clone(), known.clone(), bar.clone());
        workers.spawn(async move {
            let mut edge = Edge::new(game.edge);
            loop {
                let next = line_ups.lock().expect("nothing panics while it is held").next();
                let Some((id, line_up)) = next else { break };
                let is_known = known.get(&id).is_some_and(|user| !user.is_empty());
                let household = Household::enter(&mut edge, &game.journal, id, is_known).await?;
                game.wait_for_turn(household, line_up);
                bar.inc(1);
            }
            game.hung_up(&edge);
            anyhow::Ok(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Plays whoever's turn it is until nobody waits: whoever is not waiting then is another worker's to the end.
async fn work(game: Arc<Game>) -> anyhow::Result<()> {
    let mut edge = Edge::new(game.edge);
    while let Some((mut household, mut line_up)) = game.next() {
        let Some((_, mut purchase)) = line_up.pop_front() else { continue };
        let mut shopper = Shopper {
            run: game.run,
            edge: &mut edge,
            household: &mut household,
            operator: &game.operator,
            journal: &game.journal,
        };
        let was_placed = purchase.order.is_some();
        let times = shopper.buy(&mut purchase).await?;
        game.bought(!was_placed && purchase.order.is_some(), times);
        game.wait_for_turn(household, line_up);
    }
    game.hung_up(&edge);
    Ok(())
}

impl Game {
    fn next(&self) -> Option<(Household, LineUp)> {
        let mut waiting = self.waiting.lock().expect("nothing panics while it is held");
        Some(waiting.pop_first()?.1)
    }

    fn wait_for_turn(&self, household: Household, line_up: LineUp) {
        if let Some((place, _)) = line_up.front() {
            let mut waiting = self.waiting.lock().expect("nothing panics while it is held");
            waiting.insert(*place, (household, line_up));
        }
    }

    fn bought(&self, is_new_order: bool, times: Option<Times>) {
        let mut results = self.results.lock().expect("nothing panics while it is held");
        results.placed += usize::from(is_new_order);
        if let Some(times) = times {
            results.purchases.add(times.purchase);
            results.checkouts.add(times.checkout);
        }
        self.bar.inc(1);
    }

    fn hung_up(&self, edge: &Edge) {
        self.results.lock().expect("nothing panics while it is held").repeated += edge.repeated();
    }
}
