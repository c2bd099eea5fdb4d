//! The shop under measurement: the release binary as a child process, on ports and a data directory of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use shopmesh_tools::http::Http1;
use tempfile::TempDir;

/// Longest time that anything may take to start.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Added to all ports, so that a shop may run beside the measurement.
const PORT_OFFSET: u16 = 15_000;

/// A process that ends with this value.
pub struct Running(Child);

impl Running {
    pub fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running shop without rate limits.
pub struct Shop {
    pub process: Running,
    /// Where clients connect.
    pub edge: SocketAddr,
    /// From the start of the process to the first good answer through the edge.
    pub ready_in: Duration,
    pub data: PathBuf,
    _folder: TempDir,
}

impl Shop {
    /// Starts a shop, with its edge or without, and waits until it answers.
    pub async fn start(with_edge: bool) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("shop");
        let mut command = Command::new(binary()?);
        command.args(["up", "--rate-limit", "off", "--port-offset", &PORT_OFFSET.to_string(), "--data"]);
        command.arg(&data);
        if !with_edge {
            command.arg("--no-edge");
        }
        let started = Instant::now();
        let process = spawn(&mut command)?;
        let edge = loopback(8080);
        if with_edge {
            answers(edge, "/health").await?;
        } else {
            answers(loopback(9100), "/health").await?;
            // Services answer before the demo users are there; the file is written after them.
            exists(&data.join("demo-seeded")).await?;
        }
        Ok(Self { process, edge, ready_in: started.elapsed(), data, _folder: folder })
    }
}

/// The `shopmesh` binary beside this one.
pub fn binary() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let binary = here.parent().context("no folder")?.join("shopmesh");
    if !binary.exists() {
        bail!("{} is not built: cargo build --release", binary.display());
    }
    Ok(binary)
}

/// Starts a process that says nothing.
pub fn spawn(command: &mut Command) -> anyhow::Result<Running> {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    Ok(Running(
        child.with_context(|| format!("cannot start {}", Path::new(command.get_program()).display()))?,
    ))
}

/// A port of the shop by its default.
pub fn loopback(default: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], default + PORT_OFFSET))
}

/// Waits until a file is there.
async fn exists(file: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    while !file.exists() {
        if started.elapsed() > TIMEOUT {
            bail!("no {} within {TIMEOUT:?}", file.display());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Waits until a GET is answered well.
pub async fn answers(address: SocketAddr, path: &str) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        if let Ok(mut client) = Http1::connect(address).await
            && let Ok((status, _)) = client.get(path).await
            && status == 200
        {
            return Ok(());
        }
        if started.elapsed() > TIMEOUT {
            bail!("nothing answered on {address} within {TIMEOUT:?}");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
