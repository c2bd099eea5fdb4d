//! What a connection costs that nobody uses: browsers and phones keep theirs open between requests.

use crate::process;
use anyhow::bail;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

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

async fn open(edge: SocketAddr, connections: usize) -> anyhow::Result<Vec<TcpStream>> {
    let mut open = Vec::with_capacity(connections);
    for number in 0..connections {
        open.push(after_a_request(edge, number % CLIENTS).await?);
    }
    Ok(open)
}

/// A connection of the given client that has asked for the first products and read the answer.
async fn after_a_request(edge: SocketAddr, client: usize) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, u8::try_from(client + 1)?], 0)))?;
    let mut stream = socket.connect(edge).await?;
    let request = format!(
        "GET /v1/products?pageSize=1 HTTP/1.1\r\nhost: {edge}\r\nuser-agent: shopmesh-bench\r\naccept: */*\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !is_whole(&answer) {
        if stream.read_buf(&mut answer).await? == 0 {
            bail!("the edge ended a connection: {}", String::from_utf8_lossy(&answer));
        }
    }
    if !answer.starts_with(b"HTTP/1.1 200") {
        bail!("the edge answered {}", String::from_utf8_lossy(&answer));
    }
    Ok(stream)
}

/// Whether an answer has come with as much of a body as it announces, or with its last chunk.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let (head, body) = answer.split_at(end + 4);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    match head.split("\r\n").find_map(|line| line.strip_prefix("content-length:")) {
        Some(length) => length.trim().parse().is_ok_and(|length: usize| body.len() >= length),
        None => body.ends_with(b"0\r\n\r\n"),
    }
}

/// As many descriptors as are allowed, for this process and those that it starts.
fn raise_descriptors() -> anyhow::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    Ok(setrlimit(Resource::Nofile, limit)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_its_body() {
        for (answer, whole) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", false),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", true),
        ] {
            assert_eq!(is_whole(answer.as_bytes()), whole, "{answer}");
        }
    }
}
