//! The command line.

use std::{io::Write, net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use shopmesh_mesh::{ServiceName, telemetry::LogFormat, workload::SpiffeId};
use shopmesh_proto::ports;
use shopmesh_tools::{ShopArgs, import::ImportArgs, replay::ReplayArgs};

use crate::addresses::{Listen, Peer};

/// A commerce backend: gRPC services over mTLS behind an edge that reads Envoy's YAML.
///
/// Without a sub-command it is `shopmesh up`: a whole shop on this machine.
#[derive(Debug, Parser)]
#[command(name = "shopmesh", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; `up` when left out.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Arguments of `up`.
    #[command(flatten)]
    pub up: UpArgs,
    /// How log lines look.
    #[arg(
        long,
        global = true,
        default_value = "pretty",
        env = "SHOPMESH_LOG_FORMAT",
        value_name = "pretty|json"
    )]
    pub log_format: LogFormat,
    /// What is logged, such as `info` or `warn,shopmesh_orders=debug`.
    #[arg(long, global = true, default_value = "warn", env = "SHOPMESH_LOG", value_name = "FILTER")]
    pub log: String,
}

/// The sub-commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a whole shop on this machine: all services, the edge, demo data.
    Up(UpArgs),
    /// Run some services, for a shop whose other services run elsewhere.
    Serve(Box<ServeArgs>),
    /// Run the edge alone, from an Envoy v3 static bootstrap.
    Edge(EdgeArgs),
    /// Load real data into a running shop.
    Import(ImportArgs),
    /// Play real shopping through a running shop, and check its books.
    Replay(ReplayArgs),
    /// Make certificates.
    Pki(PkiArgs),
    /// Print the version.
    Version,
}

/// Whether limits are enforced.
#[derive(Debug, Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Switch {
    /// Enforced.
    On,
    /// Not enforced.
    Off,
}

/// Arguments of `up`.
#[derive(Debug, Args)]
pub struct UpArgs {
    /// Data directory: databases, certificates, mails. [default: .shopmesh, or a temporary one with --ephemeral]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Added to every port, so that several shops fit on one machine.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=i64::from(ports::MOST_OFFSET)))]
    pub port_offset: u16,
    /// Remove the data directory at the end.
    #[arg(long)]
    pub ephemeral: bool,
    /// Leave the edge to another process, such as Envoy with the YAML in the data directory.
    #[arg(long)]
    pub no_edge: bool,
    /// Rate limits at the edge; `off` is for load runs.
    #[arg(long, value_enum, default_value = "on")]
    pub rate_limit: Switch,
    /// Settings of the services, TOML: one table per service, such as `[notifications.smtp]`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Which services.
    #[arg(required = true, value_name = "SERVICE", help = format!("Which services: {}", ServiceName::names()))]
    pub services: Vec<ServiceName>,
    /// The shop.
    #[command(flatten)]
    pub shop: ShopArgs,
    /// Settings of the services, TOML: one table per service.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to listen, for a single service with its port. [default: 127.0.0.1, each service at its port]
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub listen: Option<Listen>,
    /// Where to serve /health and /metrics, without TLS. [default: 127.0.0.1, 100 above the port of the first service]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub admin_listen: Option<SocketAddr>,
    /// As whom: certificates, keys and `ca.crt` as `shopmesh pki issue` writes them. [default: pki in the data directory]
    #[arg(long, value_name = "DIR", conflicts_with = "certificate")]
    pub pki: Option<PathBuf>,
    /// As whom, for a single service: its certificate chain, PEM. Replaced while running, it is used within seconds.
    #[arg(long, value_name = "FILE", requires = "private_key", requires = "trust_bundle")]
    pub certificate: Option<PathBuf>,
    /// The key of --certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub private_key: Option<PathBuf>,
    /// Roots that sign the certificates of peers, PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub trust_bundle: Option<PathBuf>,
    /// Where the other services are; `{service}` and `{port}` stand for each one's, such as
    /// `shopmesh-{service}.shop.svc:{port}`. Names are looked up again while running. [default: 127.0.0.1:{port}]
    #[arg(long, value_name = "HOST:PORT")]
    pub peers: Option<String>,
    /// Where one service is, such as `orders=10.0.0.7:9104` or, in several instances, `orders=10.0.0.7:9104,10.0.0.8:9104`.
    #[arg(long, value_name = "SERVICE=HOST:PORT,...")]
    pub peer: Vec<Peer>,
}

/// What `edge` does with its file.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum EdgeMode {
    /// Check it and end.
    Validate,
    /// Run it.
    Serve,
}

/// Arguments of `edge`.
#[derive(Debug, Args)]
pub struct EdgeArgs {
    /// Envoy v3 static bootstrap, YAML. What this edge does not support is an error that names the path.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Check the file, or run it.
    #[arg(long, value_enum, default_value = "serve")]
    pub mode: EdgeMode,
}

/// Arguments of `pki`.
#[derive(Debug, Args)]
pub struct PkiArgs {
    /// What to make.
    #[command(subcommand)]
    pub command: PkiCommand,
}

/// What `pki` makes.
#[derive(Debug, Subcommand)]
pub enum PkiCommand {
    /// Issue certificates, making the authority first if there is none.
    Issue {
        /// SPIFFE ids, such as `spiffe://shopmesh.local/operator/ada` or `spiffe://shopmesh.local/svc/orders`.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<SpiffeId>,
        /// Data directory of the shop.
        #[arg(long, value_name = "DIR", default_value = ".shopmesh")]
        data: PathBuf,
        /// Where to put certificate, key and the authority's certificate. [default: pki in the data directory]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// Says what went wrong, cause by cause, and nothing else.
pub fn report(error: &anyhow::Error) {
    let mut out = std::io::stderr().lock();
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(out, "error: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(out, "  because: {cause}");
    }
}
