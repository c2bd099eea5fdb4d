//! From a bootstrap file to a running edge: load, bind, serve.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use serde_json::Value;
use shopmesh_net::Drain;
use tokio::net::TcpListener;

use crate::{
    admin::{Admin, redact},
    bootstrap::{
        self,
        reader::{ConfigError, YamlPath},
        schema::{Bootstrap, Listener, Node},
    },
    clusters::Clusters,
    connection_manager::{BoundListener, ConnectionManager},
    http::BufferBudget,
};

/// Why a bootstrap cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file itself.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The bootstrap file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What it says.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} ({what}): {source}")]
pub struct BindError {
    /// Listener's name, or `admin`.
    pub what: String,
    /// As configured.
    pub address: SocketAddr,
    /// Why.
    pub source: io::Error,
}

/// A checked bootstrap: every file it names was read, every name in it resolved.
pub struct Edge {
    node: Node,
    admin: Option<SocketAddr>,
    listeners: Vec<(String, SocketAddr, Arc<ConnectionManager>)>,
    clusters: Clusters,
    budget: BufferBudget,
    config: Value,
}

impl Edge {
    /// Reads a bootstrap file; names in it are relative to the working directory, as in Envoy.
    ///
    /// # Errors
    /// If the file cannot be read, or says anything that this edge would not do.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        Self::from_yaml(&text, Path::new(""))
    }

    /// Reads the text of a bootstrap; file names in it are relative to `base_dir`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn from_yaml(text: &str, base_dir: &Path) -> Result<Self, LoadError> {
        let (config, bootstrap) = bootstrap::parse(text)?;
        let Bootstrap { node, admin, static_resources } = bootstrap;
        let root = YamlPath::root();
        let admin = admin
            .and_then(|admin| admin.address)
            .map(|address| admin_address(&address, &root.field("admin").field("address")))
            .transpose()?;
        let at = root.field("static_resources");
        let clusters = Clusters::new(static_resources.clusters, base_dir, &at.field("clusters"))?;
        let (mut listeners, budget) = (Vec::new(), BufferBudget::default());
        for (i, listener) in static_resources.listeners.into_iter().enumerate() {
            listeners.push(read_listener(
                listener,
                &budget,
                &clusters,
                base_dir,
                &at.field("listeners").index(i),
            )?);
        }
        check_listeners(&listeners, &at.field("listeners"))?;
        Ok(Self { node, admin, listeners, clusters, budget, config: redact(config) })
    }

    /// Takes the ports.
    ///
    /// # Errors
    /// Names the address that is not to be had.
    pub async fn bind(self) -> Result<BoundEdge, BindError> {
        let mut listeners = Vec::new();
        for (name, address, manager) in self.listeners {
            let socket = bind(&name, address).await?;
            listeners.push(BoundListener { name, socket, manager });
        }
        let admin_socket = match self.admin {
            Some(address) => Some(bind("admin", address).await?),
            None => None,
        };
        let shown = listeners.iter().map(|l| (l.name.clone(), local_addr(&l.socket), l.manager.clone()));
        let admin = Admin {
            node: self.node,
            clusters: self.clusters.clone(),
            listeners: shown.collect(),
            budget: self.budget,
            config: self.config,
            started: Instant::now(),
        };
        Ok(BoundEdge { listeners, admin: Arc::new(admin), admin_socket, clusters: self.clusters })
    }
}

fn admin_address(address: &bootstrap::schema::Address, at: &YamlPath) -> Result<SocketAddr, ConfigError> {
    let address = address.to_ip(at)?;
    if !address.ip().is_loopback() {
        return Err(at.error("must be a loopback address: the admin listener asks for no credentials"));
    }
    Ok(address)
}

/// Two listeners cannot share an address; with one name they could not be told apart.
fn check_listeners(
    listeners: &[(String, SocketAddr, Arc<ConnectionManager>)],
    at: &YamlPath,
) -> Result<(), ConfigError> {
    if listeners.is_empty() {
        return Err(at.error("needs at least one"));
    }
    for (i, (name, address, _)) in listeners.iter().enumerate() {
        let others = || listeners[..i].iter();
        if address.port() != 0 && others().any(|(_, other, _)| other == address) {
            return Err(at
                .index(i)
                .field("address")
                .error(format!("two listeners have the address {address}")));
        }
        if !name.is_empty() && others().any(|(other, ..)| other == name) {
            return Err(at.index(i).field("name").error(format!("two listeners are called {name:?}")));
        }
    }
    Ok(())
}

fn read_listener(
    listener: Listener,
    budget: &BufferBudget,
    clusters: &Clusters,
    base_dir: &Path,
    at: &YamlPath,
) -> Result<(String, SocketAddr, Arc<ConnectionManager>), ConfigError> {
    let address = listener.address.to_ip(&at.field("address"))?;
    let at = at.field("filter_chains");
    let [chain] = <[_; 1]>::try_from(listener.filter_chains)
        .map_err(|_| at.error("exactly one is supported by this edge"))?;
    let at = at.index(0).field("filters");
    let [filter] = <[_; 1]>::try_from(chain.filters)
        .map_err(|_| at.error("must be exactly one filter, the HTTP connection manager"))?;
    let at = at.index(0).field("typed_config");
    let limit = listener.per_connection_buffer_limit_bytes.0;
    let manager = ConnectionManager::new(filter.typed_config, limit, budget, clusters, base_dir, &at)?;
    Ok((listener.name, address, Arc::new(manager)))
}

async fn bind(what: &str, address: SocketAddr) -> Result<TcpListener, BindError> {
    let listened = TcpListener::bind(address).await;
    listened.map_err(|source| BindError { what: what.to_owned(), address, source })
}

fn local_addr(socket: &TcpListener) -> SocketAddr {
    socket.local_addr().expect("a bound socket has an address")
}

/// An edge that has its ports.
pub struct BoundEdge {
    listeners: Vec<BoundListener>,
    admin: Arc<Admin>,
    admin_socket: Option<TcpListener>,
    clusters: Clusters,
}

impl BoundEdge {
    /// Where clients connect, in the order of the YAML.
    pub fn listener_addrs(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(|listener| local_addr(&listener.socket)).collect()
    }

    /// Where the operator looks.
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin_socket.as_ref().map(local_addr)
    }

    /// Serves until `drain` starts; connections still open then are tracked by `drain`.
    pub async fn serve(self, drain: Drain) {
        let mut tasks = tokio::task::JoinSet::new();
        for cluster in self.clusters.iter() {
            let cluster = cluster.clone();
            tasks.spawn(async move { cluster.keep_current().await });
        }
        if let Some(socket) = self.admin_socket {
            tasks.spawn(self.admin.clone().serve(socket, drain.clone()));
        }
        let listeners = self.listeners.into_iter().map(|listener| {
            tracing::info!(listener = listener.name, address = %local_addr(&listener.socket), "edge listens");
            listener.serve(drain.clone())
        });
        futures_util::future::join_all(listeners).await;
        // What keeps clusters current, and admin, end with the last listener.
        drop(tasks);
    }
}
