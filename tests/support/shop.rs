//! The `shopmesh` command as a child process.

use std::{
    collections::BTreeSet,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{
        LazyLock,
        atomic::{AtomicU16, Ordering},
    },
};

use shopmesh_mesh::ServiceName;
use shopmesh_proto::ports;
use tempfile::TempDir;

use super::{client::Account, envoy, process::Process};

/// Every port a shop binds, before its offset, also one in several processes; and what lies between the offsets of one process:
/// no multiple of it is a difference of two of the ports, so that shops side by side share none.
static PORTS: LazyLock<(Vec<u16>, u16)> = LazyLock::new(|| {
    let own = ServiceName::ALL.map(ServiceName::default_port);
    let ports: Vec<u16> = [ports::EDGE, ports::EDGE_ADMIN, ports::PROCESS_ADMIN]
        .into_iter()
        .chain(own.into_iter().flat_map(|port| [port, port + ports::ADMIN_ABOVE]))
        .collect();
    let parts = |step: &u16| {
        let rests: BTreeSet<u16> = ports.iter().map(|port| port % step).collect();
        rests.len() == ports.len()
    };
    let step = (1..).find(parts).unwrap();
    (ports, step)
});

/// A shop on ports of its own. Dropping it ends it.
pub struct Shop {
    process: Process,
    /// In place of the shop's own edge.
    envoy: Option<Process>,
    pub offset: u16,
    /// The data directory.
    pub data: PathBuf,
    folder: Option<TempDir>,
}

impl Shop {
    /// A fresh shop without rate limits.
    pub fn start() -> Self {
        Self::start_with(&["--rate-limit", "off"])
    }

    /// A fresh shop with these arguments.
    pub fn start_with(arguments: &[&str]) -> Self {
        let mut shop = Self::spawn(arguments);
        shop.wait_ready();
        shop
    }

    /// A fresh shop without an edge, and real Envoy in its place with the YAML that the shop rendered, as it is.
    pub fn behind_envoy(arguments: &[&str]) -> Self {
        let mut shop = Self::spawn(&[&["--no-edge"], arguments].concat());
        shop.process.wait_for("the shop is open", |process| process.log().contains("ctrl-C").then_some(()));
        shop.envoy = Some(envoy::start(&shop.edge_yaml(), shop.port(9901)));
        shop
    }

    fn spawn(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("shop");
        let offset = free_offset();
        Self { process: spawn(&data, offset, arguments), envoy: None, offset, data, folder: Some(folder) }
    }

    /// Ends the process as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same data.
    pub fn restart(&mut self) {
        self.process = spawn(&self.data, self.offset, &["--rate-limit", "off"]);
        self.wait_ready();
    }

    /// Ctrl-C, and the exit status.
    pub fn interrupt(&mut self) -> ExitStatus {
        self.process.interrupt()
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port(8080))
    }

    /// The same as a socket address.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port(8080)).into()
    }

    /// The bootstrap of the edge.
    pub fn edge_yaml(&self) -> PathBuf {
        self.data.join("edge/edge.yaml")
    }

    /// A port of the shop by its default.
    pub fn port(&self, default: u16) -> u16 {
        default + self.offset
    }

    /// A file of the shop's certificates.
    pub fn pki(&self, file: &str) -> String {
        self.data.join("pki").join(file).display().to_string()
    }

    /// The demo operator, signed in.
    pub fn operator(&self) -> Account {
        Account::sign_in(self, "operator@shopmesh.example", "demo-password")
    }

    /// What the process wrote, and Envoy.
    pub fn log(&self) -> String {
        self.process.log() + &self.envoy.as_ref().map(Process::log).unwrap_or_default()
    }

    /// The mails in the mail folder.
    pub fn mails(&self) -> Vec<String> {
        let folder = self.data.join("services/notifications/mail");
        let files = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|end| end == "eml"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    }

    fn wait_ready(&mut self) {
        let ready = format!("http://127.0.0.1:{}/ready", self.port(9901));
        self.process.wait_for("the shop is ready", |process| {
            let answer = ureq::get(&ready).call().ok()?;
            (answer.status() == 200 && process.log().contains("ctrl-C")).then_some(())
        });
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let folder = self.folder.take().map(TempDir::keep);
            let text = format!("data directory kept: {folder:?}\n{}\n", self.log());
            let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
        }
    }
}

fn spawn(data: &Path, offset: u16, arguments: &[&str]) -> Process {
    let (folder, ports) = (data.display().to_string(), offset.to_string());
    let up = ["up", "--data", &folder, "--port-offset", &ports];
    Process::shopmesh(&[&up[..], arguments].concat(), &data.with_extension("log"))
}

/// An offset at which all ports are free: processes start far apart, tests of one process close together. All stay below
/// the ports that the system gives to outgoing connections.
pub fn free_offset() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let (ports, step) = &*PORTS;
    let start = u16::try_from(std::process::id() % 128).unwrap() * 100;
    loop {
        let offset = 10_000 + (start + NEXT.fetch_add(*step, Ordering::Relaxed)) % 12_800;
        if ports.iter().all(|port| TcpListener::bind(("127.0.0.1", port + offset)).is_ok()) {
            return offset;
        }
    }
}
