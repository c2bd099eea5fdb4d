//! `shopmesh serve`: some services of a shop whose others run elsewhere.

use crate::{
    cli::ServeArgs,
    layout::{DataDir, Paths},
    shop::Setup,
    up::{GRACE, signals},
};
use std::io::Write;

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
    let shop = setup.start(&services).await?;
    let mut out = std::io::stdout();
    for (service, address) in shop.host.addresses() {
        writeln!(out, "{service:<13} {address} (mTLS)")?;
    }
    writeln!(out, "ctrl-C drains and stops")?;
    signals::interrupted().await?;
    shop.host.drain(GRACE).await;
    Ok(())
}
