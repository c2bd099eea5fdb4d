//! Our edge and real Envoy in front of the same shop, with the same YAML, in turns. What an edge costs is the CPU time of its
//! own process: machines are shared, and wall time tells mostly about the neighbors.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, bail};
use bytes::Bytes;
use clap::Args;
use hyper::Method;
use serde::Serialize;
use serde_json::{Value, json};
use shopmesh_proto::catalog::v1::GetProductRequest;
use shopmesh_tools::{http::Http1, latencies::Latencies};

use crate::{
    grpc::{Grpc, framed},
    idle,
    instructions::Count,
    process,
    report::{self, Row},
    shop::{self, Running, Shop},
    stats::{median, ms},
};

#[derive(Debug, Args)]
pub struct Options {
    /// Real Envoy, such as `.venv/bin/envoy` of the tests.
    #[arg(long, default_value = ".venv/bin/envoy")]
    envoy: PathBuf,
    /// Turns of each edge.
    #[arg(long, default_value_t = 3)]
    turns: usize,
    /// Requests of each kind in a turn.
    #[arg(long, default_value_t = 4000)]
    requests: usize,
    /// Connections at once.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Connections that are kept and not used.
    #[arg(long, default_value_t = 2000)]
    idle: usize,
    /// Both edges on one core, with one thread of workers (`taskset` of util-linux).
    #[arg(long)]
    pinned: bool,
}

/// A kind of request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    RestGet,
    RestPost,
    RestList,
    GrpcWeb,
    Grpc,
}

impl Kind {
    const ALL: [Self; 5] = [Self::RestGet, Self::RestPost, Self::RestList, Self::GrpcWeb, Self::Grpc];

    fn name(self) -> &'static str {
        match self {
            Self::RestGet => "REST GET",
            Self::RestPost => "REST POST 1 KiB",
            Self::RestList => "REST list 10 KiB",
            Self::GrpcWeb => "gRPC-Web",
            Self::Grpc => "gRPC",
        }
    }
}

/// What is asked for.
struct Work {
    product: String,
    page_size: usize,
    token: String,
    template: Value,
}

#[derive(Serialize)]
struct Comparison {
    kind: &'static str,
    ours_cpu_s_per_10k: f64,
    envoy_cpu_s_per_10k: f64,
    ratio: f64,
    ours_p50_ms: f64,
    envoy_p50_ms: f64,
    ours_p99_ms: f64,
    envoy_p99_ms: f64,
    ours_peak_mib: f64,
    envoy_peak_mib: f64,
    /// In user space; none where the processor does not count.
    ours_kilo_instructions: Option<f64>,
    envoy_kilo_instructions: Option<f64>,
    ours_idle_connection_kib: f64,
    envoy_idle_connection_kib: f64,
}

impl Row for Comparison {
    const COLUMNS: &'static [&'static str] = &[
        "request",
        "ours CPU s/10k",
        "Envoy CPU s/10k",
        "ours/Envoy",
        "ours p50 ms",
        "Envoy p50 ms",
        "ours p99 ms",
        "Envoy p99 ms",
        "ours peak MiB",
        "Envoy peak MiB",
        "ours kinstr",
        "Envoy kinstr",
        "ours idle KiB",
        "Envoy idle KiB",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.kind.to_owned(),
            format!("{:.2}", self.ours_cpu_s_per_10k),
            format!("{:.2}", self.envoy_cpu_s_per_10k),
            format!("{:.2}", self.ratio),
            format!("{:.2}", self.ours_p50_ms),
            format!("{:.2}", self.envoy_p50_ms),
            format!("{:.2}", self.ours_p99_ms),
            format!("{:.2}", self.envoy_p99_ms),
            format!("{:.0}", self.ours_peak_mib),
            format!("{:.0}", self.envoy_peak_mib),
            counted(self.ours_kilo_instructions),
            counted(self.envoy_kilo_instructions),
            format!("{:.1}", self.ours_idle_connection_kib),
            format!("{:.1}", self.envoy_idle_connection_kib),
        ]
    }
}

fn counted(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.0}"))
}

/// Figures of one edge.
#[derive(Default)]
struct Edge {
    kinds: [Figures; 5],
    idle_connection_kib: Vec<f64>,
}

/// Figures of one edge and one kind, one of each per turn.
#[derive(Default)]
struct Figures {
    cpu_s_per_10k: Vec<f64>,
    latencies: Latencies,
    peak_mib: f64,
    kilo_instructions: Vec<f64>,
}

pub async fn run(options: Options) -> anyhow::Result<()> {
    let shop = Shop::start(false).await?;
    let (mut ours, mut envoys) = (Edge::default(), Edge::default());
    for turn in 0..options.turns {
        // Who goes first changes, so that neither always finds the shop warm.
        let order = if turn.is_multiple_of(2) { [true, false] } else { [false, true] };
        for is_ours in order {
            let figures = if is_ours { &mut ours } else { &mut envoys };
            let process = start(&shop, &options.envoy, options.pinned, is_ours).await?;
            take_turn(&process, shop.edge, &options, &mut figures.kinds).await?;
            stop(process, shop.edge).await?;
            // Another one, since memory that was used before would be used again.
            let process = start(&shop, &options.envoy, options.pinned, is_ours).await?;
            figures.idle_connection_kib.push(idle::kib_each(process.pid(), shop.edge, options.idle).await?);
            stop(process, shop.edge).await?;
        }
    }
    report::write("edge", &compare(ours, envoys))
}

/// Starts our edge or Envoy in front of a shop without one; pinned, on one core.
pub async fn start(shop: &Shop, envoy: &Path, pinned: bool, is_ours: bool) -> anyhow::Result<Running> {
    let yaml = shop.data.join("edge/edge.yaml");
    let program = if is_ours { shop::binary()? } else { envoy.to_owned() };
    let mut command = if pinned {
        // Our edge has as many workers as it has cores.
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", "0"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    if is_ours {
        command.args(["edge", "--config"]).arg(&yaml);
    } else {
        let threads = if pinned { "1" } else { "2" };
        command.args(["--concurrency", threads, "--log-level", "error", "-c"]).arg(&yaml);
    }
    let process = shop::spawn(&mut command)?;
    shop::answers(shop.edge, "/health").await?;
    Ok(process)
}

/// Ends an edge and waits until the port is free for the next edge.
pub async fn stop(process: Running, address: SocketAddr) -> anyhow::Result<()> {
    drop(process);
    let started = Instant::now();
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        if started.elapsed().as_secs() > 10 {
            bail!("an edge still listens on {address}");
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn take_turn(
    process: &Running,
    edge: SocketAddr,
    options: &Options,
    figures: &mut [Figures; 5],
) -> anyhow::Result<()> {
    let work = Arc::new(prepare(edge).await?);
    for (kind, figures) in Kind::ALL.into_iter().zip(figures) {
        // A first tenth opens connections and warms up.
        load(edge, kind, work.clone(), options.connections, options.requests / 10).await?;
        let before = process::cpu(process.pid())?;
        let latencies = load(edge, kind, work.clone(), options.connections, options.requests).await?;
        let spent = process::cpu(process.pid())?.saturating_sub(before).as_secs_f64();
        #[allow(clippy::cast_precision_loss)] // Far below 2^52.
        figures.cpu_s_per_10k.push(spent * 10_000.0 / latencies.count() as f64);
        figures.latencies.merge(latencies);
        // Counted apart, as counting costs time.
        let count = Count::begin(process.pid());
        let counted = load(edge, kind, work.clone(), options.connections, options.requests / 10).await?;
        #[allow(clippy::cast_precision_loss)] // Far below 2^52.
        if let Some(instructions) = count.end() {
            figures.kilo_instructions.push(instructions as f64 / 1000.0 / counted.count() as f64);
        }
        figures.peak_mib = figures.peak_mib.max(process::memory(process.pid())?.1);
    }
    Ok(())
}

async fn prepare(edge: SocketAddr) -> anyhow::Result<Work> {
    let mut client = Http1::connect(edge).await?;
    let credentials = json!({"email": "operator@shopmesh.example", "password": "demo-password"});
    let session = client.post("/v1/sessions", &credentials).await?;
    let token = session["accessToken"].as_str().context("no token")?.to_owned();
    let (_, products) = client.get("/v1/products?pageSize=1").await?;
    let products: Value = serde_json::from_slice(&products)?;
    let product = products["products"][0]["name"].as_str().context("no product")?.to_owned();
    let mut page_size = 1;
    while client.get(&format!("/v1/products?pageSize={page_size}")).await?.1.len() < 10 * 1024 {
        page_size += 1;
    }
    client.authorize(Some(&token));
    let (_, templates) = client.get("/v1/templates").await?;
    let templates: Value = serde_json::from_slice(&templates)?;
    Ok(Work { product, page_size, token, template: templates["templates"][0].clone() })
}

/// Sends `requests` requests of a kind over several connections.
async fn load(
    edge: SocketAddr,
    kind: Kind,
    work: Arc<Work>,
    connections: usize,
    requests: usize,
) -> anyhow::Result<Latencies> {
    let each = requests.div_ceil(connections);
    let tasks: Vec<_> = (0..connections).map(|_| tokio::spawn(one(edge, kind, work.clone(), each))).collect();
    let mut latencies = Latencies::default();
    for task in tasks {
        latencies.merge(task.await??);
    }
    Ok(latencies)
}

async fn one(edge: SocketAddr, kind: Kind, work: Arc<Work>, requests: usize) -> anyhow::Result<Latencies> {
    let mut latencies = Latencies::default();
    let product = framed(&GetProductRequest { name: work.product.clone() })?;
    const GET_PRODUCT: &str = "/shopmesh.catalog.v1.ProductService/GetProduct";
    if kind == Kind::Grpc {
        let mut client = Grpc::connect(edge).await?;
        for _ in 0..requests {
            let started = Instant::now();
            client.call(GET_PRODUCT, product.clone()).await?;
            latencies.add(started.elapsed());
        }
        return Ok(latencies);
    }
    let (method, path, content_type, body) = match kind {
        Kind::RestGet => (Method::GET, format!("/v1/{}", work.product), "application/json", Bytes::new()),
        Kind::RestList => (
            Method::GET,
            format!("/v1/products?pageSize={}", work.page_size),
            "application/json",
            Bytes::new(),
        ),
        Kind::RestPost => {
            let name = work.template["name"].as_str().context("no template")?;
            (Method::POST, format!("/v1/{name}:render"), "application/json", kibibyte(&work.template).into())
        }
        Kind::GrpcWeb | Kind::Grpc => {
            (Method::POST, GET_PRODUCT.to_owned(), "application/grpc-web+proto", product)
        }
    };
    let mut client = Http1::connect(edge).await?;
    if kind == Kind::RestPost {
        client.authorize(Some(&work.token));
    }
    for _ in 0..requests {
        let started = Instant::now();
        let (status, answer) = client.send(method.clone(), &path, content_type, body.clone()).await?;
        if status != 200 {
            bail!("{} answered {status}: {}", kind.name(), String::from_utf8_lossy(&answer));
        }
        latencies.add(started.elapsed());
    }
    Ok(latencies)
}

/// A RenderTemplate of about 1 KiB: it reads and writes nothing.
fn kibibyte(template: &Value) -> String {
    let keys: Vec<&str> =
        template["variables"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let value = "x".repeat(1024_usize.saturating_sub(40 * keys.len()) / keys.len().max(1));
    let variables: Vec<Value> = keys.iter().map(|key| json!({"key": key, "value": value})).collect();
    json!({"variables": variables}).to_string()
}

fn compare(ours: Edge, envoy: Edge) -> Vec<Comparison> {
    let idle = [&ours, &envoy].map(|edge| median(&edge.idle_connection_kib));
    let pairs = Kind::ALL.into_iter().zip(ours.kinds.into_iter().zip(envoy.kinds));
    pairs
        .map(|(kind, (mut ours, mut envoy))| {
            let (ours_cpu, envoy_cpu) = (median(&ours.cpu_s_per_10k), median(&envoy.cpu_s_per_10k));
            let instructions = |counts: &[f64]| (!counts.is_empty()).then(|| median(counts));
            Comparison {
                kind: kind.name(),
                ours_cpu_s_per_10k: ours_cpu,
                envoy_cpu_s_per_10k: envoy_cpu,
                ratio: ours_cpu / envoy_cpu,
                ours_p50_ms: ms(ours.latencies.percentile(50)),
                envoy_p50_ms: ms(envoy.latencies.percentile(50)),
                ours_p99_ms: ms(ours.latencies.percentile(99)),
                envoy_p99_ms: ms(envoy.latencies.percentile(99)),
                ours_peak_mib: ours.peak_mib,
                envoy_peak_mib: envoy.peak_mib,
                ours_kilo_instructions: instructions(&ours.kilo_instructions),
                envoy_kilo_instructions: instructions(&envoy.kilo_instructions),
                ours_idle_connection_kib: idle[0],
                envoy_idle_connection_kib: idle[1],
            }
        })
        .collect()
}
