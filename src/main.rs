//! The `shopmesh` command: arguments, a runtime, one sub-command.

mod addresses;
mod admin;
mod cli;
mod demo;
mod edge;
mod identities;
mod layout;
mod pki;
mod places;
mod serve;
mod shop;
mod signals;
mod up;
mod version;

use std::process::ExitCode;

use clap::Parser;
use shopmesh_proto::ports;
use shopmesh_tools::{import, replay};

use cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Whatever is written, from databases to mails and journals, is for the owner alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let cli = Cli::parse();
    shopmesh_mesh::telemetry::init_logging(cli.log_format, &cli.log);
    if let Err(error) = shopmesh_mesh::net::descriptors::raise() {
        tracing::warn!(%error, "the limit of file descriptors stays as it is");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run(cli)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::report(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command.unwrap_or(Command::Up(cli.up)) {
        Command::Up(args) => up::run(args).await,
        Command::Serve(args) => serve::run(*args).await,
        Command::Edge(args) => edge::run(args).await,
        Command::Import(args) => import::run(args).await,
        Command::Replay(args) => replay::run(args, ports::EDGE).await,
        Command::Pki(args) => pki::run(&args),
        Command::Version => version::run(),
    }
}
