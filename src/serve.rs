//! `shopmesh serve`: some services of a shop whose others run elsewhere.

use crate::{
    admin,
    cli::ServeArgs,
    layout::{DataDir, Paths},
    shop::Setup,
    up::{GRACE, signals},
};
use shopmesh_mesh::net::Drain;
use std::{io::Write, time::Duration};

/// The admin port of a process is that far above the port of its first service, so that processes share a machine.
const ADMIN_ABOVE: u16 = 100;

/// Runs the services until ctrl-C.
pub async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let mut services = args.services;
    services.sort_unstable();
    services.dedup();
    DataDir::prepare(&args.shop.data)?;
    let paths = Paths::new(&args.shop.data.canonicalize()?);
    let _locks =
        services.iter().map(|service| paths.lock_service(*service)).collect::<Result<Vec<_>, _>>()?;
    let setup = Setup::new(paths, args.shop.port_offset, args.config.as_deref())?;
    let (aside, draining) = Drain::new();
    let admin_port = services[0].default_port() + ADMIN_ABOVE + args.shop.port_offset;
    let admin = admin::start(admin_port, &services, setup.metrics(), &draining).await?;
    let shop = setup.start(&services).await?;
    let mut out = std::io::stdout();
    for (service, address) in shop.host.addresses() {
        writeln!(out, "{service:<13} {address} (mTLS)")?;
    }
    writeln!(out, "metrics       http://{admin}/metrics\nctrl-C drains and stops")?;
    signals::interrupted().await?;
    shop.host.drain(GRACE).await;
    aside.drain(Duration::from_secs(1)).await;
    Ok(())
}
