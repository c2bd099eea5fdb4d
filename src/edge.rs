//! `shopmesh edge`: the edge alone.

use std::{io::Write, time::Duration};

use anyhow::Context;
use shopmesh_edge::Edge;
use shopmesh_mesh::net::Drain;

use crate::{
    cli::{EdgeArgs, EdgeMode},
    signals,
};

/// Time that running requests have after ctrl-C.
const GRACE: Duration = Duration::from_secs(25);

/// Checks a bootstrap, or serves it until ctrl-C.
pub async fn run(args: EdgeArgs) -> anyhow::Result<()> {
    let file = args.config.display();
    let edge = Edge::load(&args.config).with_context(|| format!("{file} cannot be served"))?;
    if matches!(args.mode, EdgeMode::Validate) {
        writeln!(std::io::stdout(), "configuration '{file}' OK")?;
        return Ok(());
    }
    let edge = edge.bind().await?;
    for address in edge.listener_addrs() {
        writeln!(std::io::stdout(), "listening on http://{address}")?;
    }
    let (trigger, drain) = Drain::new();
    let serving = tokio::spawn(edge.serve(drain));
    signals::interrupted().await?;
    trigger.drain(GRACE).await;
    serving.await?;
    Ok(())
}
