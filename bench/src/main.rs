//! Measures a running shop from outside, as its clients do. Each benchmark prints a table and writes JSON; what the
//! figures mean stands in bench/README.md.

mod checkout;
mod edge;
mod flood;
mod footprint;
mod frames;
mod grpc;
mod idle;
mod instructions;
mod json;
mod machine;
mod process;
mod report;
mod shop;
mod stats;

use clap::{Parser, Subcommand};

/// Benchmarks of shopmesh.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: Benchmark,
}

#[derive(Subcommand)]
enum Benchmark {
    /// Placed orders per second through the edge, at rising load.
    Checkout(checkout::Options),
    /// Our edge and real Envoy with the same YAML, interleaved.
    Edge(edge::Options),
    /// What a flood of HTTP/2 frames does to other clients of our edge and of real Envoy.
    Flood(flood::Options),
    /// Time to start, memory, size of the binary.
    Footprint(footprint::Options),
    /// JSON to protobuf and back, without a shop.
    Json(json::Options),
}

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().what {
        Benchmark::Checkout(options) => checkout::run(options).await,
        Benchmark::Edge(options) => edge::run(options).await,
        Benchmark::Flood(options) => flood::run(options).await,
        Benchmark::Footprint(options) => footprint::run(options).await,
        Benchmark::Json(options) => json::run(&options),
    }
}
