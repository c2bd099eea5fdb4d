//! `clusters`: named groups of upstream endpoints, chosen round robin.

pub mod config;
mod connection;
mod dns;
mod upstream_tls;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use hyper::body::Incoming;

pub use connection::UpstreamError;

use crate::bootstrap::reader::{ConfigError, YamlPath};
use crate::filters::Body;
use config::{ClusterConfig, Discovery};
use connection::{ConnectOptions, Endpoint, Failed};
use dns::HostNames;
use upstream_tls::UpstreamTls;

/// All clusters by name.
#[derive(Clone, Default)]
pub struct Clusters(BTreeMap<String, Arc<Cluster>>);

impl Clusters {
    pub(crate) fn new(
        configs: Vec<ClusterConfig>,
        base_dir: &Path,
        at: &YamlPath,
    ) -> Result<Self, ConfigError> {
        let mut clusters = BTreeMap::new();
        for (i, config) in configs.into_iter().enumerate() {
            let at = at.index(i);
            let cluster = Cluster::new(config, base_dir, &at)?;
            if let Some(other) = clusters.insert(cluster.name.clone(), Arc::new(cluster)) {
                return Err(at.field("name").error(format!("two clusters are called {:?}", other.name)));
            }
        }
        Ok(Self(clusters))
    }

    /// The cluster called `name`.
    pub fn get(&self, name: &str) -> Option<&Arc<Cluster>> {
        self.0.get(name)
    }

    /// All clusters, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Cluster>> {
        self.0.values()
    }
}

/// A group of endpoints that all serve the same.
pub struct Cluster {
    /// As routes call it.
    pub name: String,
    /// Requests sent, and those that got no answer.
    pub counters: ClusterCounters,
    endpoints: ArcSwap<Vec<Arc<Endpoint>>>,
    next: AtomicUsize,
    host_names: Option<HostNames>,
    connect: ConnectOptions,
}

/// What `/clusters` and `/stats` show.
#[derive(Default)]
pub struct ClusterCounters {
    /// Requests handed to the cluster.
    pub requests: AtomicU64,
    /// Requests that got no response head.
    pub failures: AtomicU64,
}

impl Cluster {
    fn new(mut config: ClusterConfig, base_dir: &Path, at: &YamlPath) -> Result<Self, ConfigError> {
        let http2 = config.http2(at)?;
        let tls = config
            .transport_socket
            .map(|socket| UpstreamTls::load(socket, base_dir, &at.field("transport_socket")));
        let connect = ConnectOptions { timeout: config.connect_timeout.0, tls: tls.transpose()?, http2 };
        let mut addresses = Vec::new();
        let mut names = Vec::new();
        for (i, locality) in config.load_assignment.endpoints.into_iter().enumerate() {
            for (j, endpoint) in locality.lb_endpoints.into_iter().enumerate() {
                let address = endpoint.endpoint.address;
                match config.discovery {
                    Discovery::Static => {
                        let at = at
                            .field("load_assignment")
                            .field("endpoints")
                            .index(i)
                            .field("lb_endpoints")
                            .index(j);
                        addresses.push(address.to_ip(&at.field("endpoint").field("address"))?);
                    }
                    Discovery::StrictDns => {
                        names.push((address.socket_address.address, address.socket_address.port_value));
                    }
                }
            }
        }
        let host_names = (config.discovery == Discovery::StrictDns)
            .then(|| HostNames::new(names, config.dns_lookup_family, config.dns_refresh_rate.0));
        let endpoints =
            addresses.into_iter().map(|address| Arc::new(Endpoint::new(address))).collect::<Vec<_>>();
        Ok(Self {
            name: config.name,
            counters: ClusterCounters::default(),
            endpoints: ArcSwap::from_pointee(endpoints),
            next: AtomicUsize::new(0),
            host_names,
            connect,
        })
    }

    /// `https` or `http`.
    pub fn scheme(&self) -> http::uri::Scheme {
        if self.connect.tls.is_some() { http::uri::Scheme::HTTPS } else { http::uri::Scheme::HTTP }
    }

    /// Addresses in use.
    pub fn addresses(&self) -> Vec<std::net::SocketAddr> {
        self.endpoints.load().iter().map(|endpoint| endpoint.address).collect()
    }

    /// Sends `request`, whose URI is absolute, to the next endpoint; to another one only as long as nothing of it was sent.
    ///
    /// # Errors
    /// Of the last endpoint tried.
    pub async fn send(
        &self,
        mut request: http::Request<Body>,
    ) -> Result<http::Response<Incoming>, UpstreamError> {
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        let endpoints = self.endpoints.load_full();
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        let mut failure = UpstreamError::NoEndpoint;
        // One round more than there are endpoints: a connection may have closed just as it was chosen.
        for i in 0..endpoints.len() + usize::from(!endpoints.is_empty()) {
            let endpoint = &endpoints[(start + i) % endpoints.len()];
            match endpoint.send(request, &self.connect).await {
                Ok(response) => return Ok(response),
                Err(Failed::Unsent(unsent, error)) => {
                    request = *unsent;
                    failure = error;
                }
                Err(Failed::Sent(error)) => {
                    failure = error;
                    break;
                }
            }
        }
        self.counters.failures.fetch_add(1, Ordering::Relaxed);
        Err(failure)
    }

    /// Keeps the endpoints of a STRICT_DNS cluster current; returns at once for others.
    pub(crate) async fn keep_resolved(&self) {
        let Some(names) = &self.host_names else { return };
        loop {
            match names.resolve().await {
                Ok(addresses) => self.replace_endpoints(&addresses),
                Err(error) => {
                    tracing::warn!(cluster = self.name, %error, "host names not resolved, endpoints kept")
                }
            }
            tokio::time::sleep(names.refresh).await;
        }
    }

    fn replace_endpoints(&self, addresses: &[std::net::SocketAddr]) {
        let current = self.endpoints.load();
        if current.iter().map(|endpoint| &endpoint.address).eq(addresses) {
            return;
        }
        let keep_or_open = |address: &std::net::SocketAddr| {
            let known = current.iter().find(|endpoint| endpoint.address == *address);
            known.cloned().unwrap_or_else(|| Arc::new(Endpoint::new(*address)))
        };
        self.endpoints.store(Arc::new(addresses.iter().map(keep_or_open).collect()));
    }
}
