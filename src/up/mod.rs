//! `shopmesh up`: a whole shop on this machine.

mod edge_files;
mod panel;
mod renew;

use std::{
    io::Write,
    net::Ipv4Addr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use shopmesh_edge::Edge;
use shopmesh_mesh::{
    ServiceName,
    net::{Drain, DrainTrigger},
    workload::SpiffeId,
};
use shopmesh_proto::ports;

use crate::{
    admin,
    cli::UpArgs,
    demo,
    identities::Identities,
    layout::{DataDir, Paths},
    places::Places,
    shop::{Setup, Shop},
    signals,
};

/// Time that running calls have after ctrl-C.
pub const GRACE: Duration = Duration::from_secs(25);

/// Opens the shop, prints the panel, and drains on ctrl-C.
pub async fn run(args: UpArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let data = DataDir::open(&data_dir(&args), args.ephemeral)?;
    let paths = data.paths();
    let identities = Identities::signed_in(paths.pki())?;
    let places = Places::loopback(args.port_offset);
    let setup = Arc::new(Setup::new(paths.clone(), places, identities, args.config.as_deref())?);
    let edge_identity = setup.identities().files(&SpiffeId::edge("main"))?;
    edge_files::write(&args, &paths, &edge_identity)?;
    let (aside, draining) = Drain::new();
    let admin = (Ipv4Addr::LOCALHOST, ports::PROCESS_ADMIN + args.port_offset).into();
    admin::start(admin, &ServiceName::ALL, setup.metrics(), &draining).await?;
    let shop = setup.start(&ServiceName::ALL, &draining).await?;
    draining.spawn(renew::run(setup.clone(), draining.clone()));
    seed(&setup, &paths, &shop).await.context("the demo data")?;
    let edge = if args.no_edge { None } else { Some(start_edge(&paths).await?) };
    write!(std::io::stdout(), "{}", panel::render(&args, &paths, started.elapsed()))?;

    signals::interrupted().await?;
    writeln!(std::io::stdout(), "  draining")?;
    if let Some((trigger, serving)) = edge {
        trigger.drain(GRACE).await;
        serving.await?;
    }
    let clean = shop.host.drain(GRACE).await;
    aside.drain(Duration::from_secs(1)).await;
    writeln!(
        std::io::stdout(),
        "  {}",
        if clean { "closed" } else { "closed; what took too long was cut off" }
    )?;
    drop(data);
    Ok(())
}

fn data_dir(args: &UpArgs) -> PathBuf {
    match &args.data {
        Some(data) => data.clone(),
        None if args.ephemeral => std::env::temp_dir().join(format!("shopmesh-{}", std::process::id())),
        None => PathBuf::from(".shopmesh"),
    }
}

/// Demo users, and the demo catalog of a new shop.
async fn seed(setup: &Setup, paths: &Paths, shop: &Shop) -> anyhow::Result<()> {
    // Issued at each start, seeded or not: it is what the panel's grpcurl line uses.
    let operator = setup.client(&SpiffeId::operator("cli"))?;
    let marker = paths.root().join("demo-seeded");
    if marker.exists() {
        return Ok(());
    }
    if let Some(identity) = &shop.identity {
        demo::seed_users(identity).await?;
    }
    demo::seed(&operator).await?;
    // Last: a start that was interrupted before seeds again, and every step may be repeated.
    Ok(std::fs::write(marker, "")?)
}

async fn start_edge(paths: &Paths) -> anyhow::Result<(DrainTrigger, tokio::task::JoinHandle<()>)> {
    let edge = Edge::load(&paths.edge_yaml())?.bind().await?;
    let (trigger, drain) = Drain::new();
    Ok((trigger, tokio::spawn(edge.serve(drain))))
}
