//! What a flood of HTTP/2 frames over three connections does to the requests of another client, through our edge and through real
//! Envoy in turns. Only ever on loopback, and for a time that is set before.

use std::{net::SocketAddr, path::PathBuf, thread, time::Duration};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use shopmesh_tools::{http::Http1, latencies::Latencies};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until},
};

use crate::{
    edge,
    frames::{self, Frame, Outcome},
    process,
    report::{self, Row},
    shop::Shop,
    stats::{median, ms},
};

/// Connections that flood at once.
const FLOODING: usize = 3;

#[derive(Debug, Args)]
pub struct Options {
    /// Real Envoy, such as `.venv/bin/envoy` of the tests.
    #[arg(long, default_value = ".venv/bin/envoy")]
    envoy: PathBuf,
    /// Turns of each edge.
    #[arg(long, default_value_t = 1)]
    turns: usize,
    /// Seconds of each flood, and of the quiet before.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Connections of the client that is measured.
    #[arg(long, default_value_t = 4)]
    connections: usize,
}

/// Figures of one edge under one kind of frame, or under none.
#[derive(Default)]
struct Figures {
    latencies: Latencies,
    /// Cores that the edge kept busy, one of each turn.
    cores: Vec<f64>,
    outcome: Outcome,
}

/// One edge: in quiet, and under each kind of frame.
#[derive(Default)]
struct Edge {
    quiet: Figures,
    floods: [Figures; Frame::ALL.len()],
}

#[derive(Serialize)]
struct Flooded {
    edge: &'static str,
    frame: &'static str,
    quiet_p50_ms: f64,
    flooded_p50_ms: f64,
    quiet_p99_ms: f64,
    flooded_p99_ms: f64,
    quiet_cores: f64,
    flooded_cores: f64,
    frames_per_second: f64,
    ended: usize,
    ended_with_goaway: usize,
}

impl Row for Flooded {
    const COLUMNS: &'static [&'static str] = &[
        "flood",
        "edge",
        "p50 ms quiet",
        "p50 ms flooded",
        "p99 ms quiet",
        "p99 ms flooded",
        "cores quiet",
        "cores flooded",
        "kframes/s",
        "ended",
        "with GOAWAY",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.frame.to_owned(),
            self.edge.to_owned(),
            format!("{:.2}", self.quiet_p50_ms),
            format!("{:.2}", self.flooded_p50_ms),
            format!("{:.2}", self.quiet_p99_ms),
            format!("{:.2}", self.flooded_p99_ms),
            format!("{:.2}", self.quiet_cores),
            format!("{:.2}", self.flooded_cores),
            format!("{:.0}", self.frames_per_second / 1000.0),
            self.ended.to_string(),
            self.ended_with_goaway.to_string(),
        ]
    }
}

pub async fn run(options: Options) -> anyhow::Result<()> {
    let shop = Shop::start(false).await?;
    let mut edges = [Edge::default(), Edge::default()];
    for turn in 0..options.turns {
        // Who goes first changes, so that neither always finds the shop warm.
        let order = if turn.is_multiple_of(2) { [0, 1] } else { [1, 0] };
        for which in order {
            take_turn(&shop, &options, which == 0, &mut edges[which]).await?;
        }
    }
    let [ours, envoy] = edges;
    let total = Duration::from_secs(options.seconds) * u32::try_from(options.turns)?;
    let (ours, envoy) = (rows("ours", ours, total), rows("Envoy", envoy, total));
    let rows: Vec<_> = ours.into_iter().zip(envoy).flat_map(|(ours, envoy)| [ours, envoy]).collect();
    report::write("flood", &rows)
}

async fn take_turn(shop: &Shop, options: &Options, is_ours: bool, edge: &mut Edge) -> anyhow::Result<()> {
    let process = edge::start(shop, &options.envoy, false, is_ours).await?;
    let (_, products) = Http1::connect(shop.edge).await?.get("/v1/products?pageSize=1").await?;
    let products: Value = serde_json::from_slice(&products)?;
    let path = format!("/v1/{}", products["products"][0]["name"].as_str().context("no product")?);
    // Warms up.
    get(shop.edge, &path, options.connections, Instant::now() + Duration::from_secs(1)).await?;
    let periods = std::iter::once((None, &mut edge.quiet))
        .chain(Frame::ALL.into_iter().map(Some).zip(&mut edge.floods));
    for (frame, figures) in periods {
        let length = Duration::from_secs(options.seconds);
        let end = Instant::now() + length;
        let flood = frame.map(|frame| begin(shop.edge, frame, end));
        let before = process::cpu(process.pid())?;
        let latencies = get(shop.edge, &path, options.connections, end).await?;
        let spent = process::cpu(process.pid())?.saturating_sub(before);
        figures.latencies.merge(latencies);
        figures.cores.push(spent.as_secs_f64() / length.as_secs_f64());
        if let Some(flood) = flood {
            figures.outcome.add(flood.await??);
        }
    }
    edge::stop(process, shop.edge).await
}

/// Begins a flood, on a thread of its own: what it costs must not delay the requests that are measured.
fn begin(edge: SocketAddr, frame: Frame, end: Instant) -> oneshot::Receiver<anyhow::Result<Outcome>> {
    let (done, outcome) = oneshot::channel();
    thread::spawn(move || {
        // Whoever waits no longer has failed otherwise.
        let _ = done.send(on_this_thread(edge, frame, end));
    });
    outcome
}

fn on_this_thread(edge: SocketAddr, frame: Frame, end: Instant) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let one = || frames::flood(edge, frame, end);
    let connections: [_; FLOODING] = std::array::from_fn(|_| one());
    let outcomes = runtime.block_on(async {
        let [one, two, three] = connections;
        tokio::try_join!(one, two, three)
    });
    let (one, two, three) = outcomes?;
    let mut total = Outcome::default();
    [one, two, three].into_iter().for_each(|outcome| total.add(outcome));
    Ok(total)
}

/// Gets `path` over several connections, over and over until `end`.
async fn get(edge: SocketAddr, path: &str, connections: usize, end: Instant) -> anyhow::Result<Latencies> {
    let one = |path: String| async move {
        let (mut client, mut latencies) = (Http1::connect(edge).await?, Latencies::default());
        while Instant::now() < end {
            let started = Instant::now();
            let (status, _) = client.get(&path).await?;
            if status != 200 {
                bail!("GET {path} answered {status}");
            }
            latencies.add(started.elapsed());
        }
        anyhow::Ok(latencies)
    };
    let tasks: Vec<_> = (0..connections).map(|_| tokio::spawn(one(path.to_owned()))).collect();
    let mut latencies = Latencies::default();
    for task in tasks {
        latencies.merge(task.await??);
    }
    sleep_until(end).await;
    Ok(latencies)
}

fn rows(edge: &'static str, figures: Edge, total: Duration) -> Vec<Flooded> {
    let Edge { mut quiet, floods } = figures;
    let row = |(frame, mut flooded): (Frame, Figures)| Flooded {
        edge,
        frame: frame.name(),
        quiet_p50_ms: ms(quiet.latencies.percentile(50)),
        flooded_p50_ms: ms(flooded.latencies.percentile(50)),
        quiet_p99_ms: ms(quiet.latencies.percentile(99)),
        flooded_p99_ms: ms(flooded.latencies.percentile(99)),
        quiet_cores: median(&quiet.cores),
        flooded_cores: median(&flooded.cores),
        #[allow(clippy::cast_precision_loss)] // Far below 2^52.
        frames_per_second: flooded.outcome.frames as f64 / total.as_secs_f64(),
        ended: flooded.outcome.ended,
        ended_with_goaway: flooded.outcome.told,
    };
    Frame::ALL.into_iter().zip(floods).map(row).collect()
}
