//! `shopmesh serve`: some services of a shop whose others run elsewhere.

use std::{io::Write, time::Duration};

use shopmesh_mesh::net::Drain;

use crate::{
    admin,
    cli::ServeArgs,
    identities::Identities,
    layout::{DataDir, Paths},
    places::Places,
    shop::Setup,
    signals,
    up::GRACE,
};

/// Runs the services until ctrl-C.
pub async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let mut services = args.services.clone();
    services.sort_unstable();
    services.dedup();
    DataDir::prepare(&args.shop.data)?;
    let paths = Paths::new(&args.shop.data.canonicalize()?);
    let _locks =
        services.iter().map(|service| paths.lock_service(*service)).collect::<Result<Vec<_>, _>>()?;
    let places = Places::of(&args, &services)?;
    let identities = Identities::of(&args, &services, paths.pki())?;
    let admin = args.admin_listen.unwrap_or(places.admin(services[0]));
    let setup = Setup::new(paths, places, identities, args.config.as_deref())?;
    let (aside, draining) = Drain::new();
    let admin = admin::start(admin, &services, setup.metrics(), &draining).await?;
    let shop = setup.start(&services, &draining).await?;
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
