//! What a connection costs that nobody uses: browsers and phones keep theirs open between requests.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::bail;
use rustix::process::{Resource, getrlimit, setrlimit};
use shopmesh_tools::http::Http1;

use crate::process;

/// Opened before, for what a process allocates once.
const WARM_UP: usize = 50;
/// Addresses that they come from, as edges limit how many one client may have.
const CLIENTS: usize = 8;
/// Until an edge has put away what it needed for the request.
const SETTLE: Duration = Duration::from_secs(2);

/// Memory of `connections` kept connections of HTTP/1.1 after one request each, KiB for one of them.
pub async fn kib_each(pid: u32, edge: SocketAddr, connections: usize) -> anyhow::Result<f64> {
    raise_descriptors()?;
    let _warm = open(edge, WARM_UP).await?;
    tokio::time::sleep(SETTLE).await;
    let before = process::memory(pid)?.0;
    let _kept = open(edge, connections).await?;
    tokio::time::sleep(SETTLE).await;
    let after = process::memory(pid)?.0;
    #[allow(clippy::cast_precision_loss)] // Far below 2^52.
    let each = (after - before) * 1024.0 / connections as f64;
    Ok(each)
}

async fn open(edge: SocketAddr, connections: usize) -> anyhow::Result<Vec<Http1>> {
    let mut open = Vec::with_capacity(connections);
    for number in 0..connections {
        open.push(after_a_request(edge, number % CLIENTS).await?);
    }
    Ok(open)
}

/// A connection of the given client that has asked for the first products and read the answer.
async fn after_a_request(edge: SocketAddr, client: usize) -> anyhow::Result<Http1> {
    let source = Ipv4Addr::new(127, 0, 0, u8::try_from(client + 1)?);
    let mut connection = Http1::connect_from(source, edge).await?;
    let (status, answer) = connection.get("/v1/products?pageSize=1").await?;
    if status != 200 {
        bail!("the edge answered {status}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(connection)
}

/// As many descriptors as are allowed, for this process and those that it starts.
fn raise_descriptors() -> anyhow::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    Ok(setrlimit(Resource::Nofile, limit)?)
}
