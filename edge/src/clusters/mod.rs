//! `clusters`: named groups of upstream endpoints, chosen round robin.

pub mod config;
mod tls_files;
mod upstream_tls;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::Value;
use shopmesh_net::{
    connection::Transport,
    endpoints::{Connect, Endpoints},
    pool::{PoolError, PooledBody},
    resolver::HostNames,
    retry_buffer::{BufferQuota, RetryBuffer},
};

use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    http::Body,
};
use config::{ClusterConfig, Discovery};
use tls_files::TlsFiles;
use upstream_tls::UpstreamTls;

/// All clusters by name.
#[derive(Clone, Default)]
pub struct Clusters(BTreeMap<String, Arc<Cluster>>);

impl Clusters {
    pub(crate) fn new(configs: Vec<Value>, base_dir: &Path, at: &YamlPath) -> Result<Self, ConfigError> {
        let mut clusters = BTreeMap::new();
        for (i, config) in configs.into_iter().enumerate() {
            let at = at.index(i);
            let cluster = Cluster::new(read(config, &at)?, base_dir, &at)?;
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

/// Why an upstream did not answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No endpoint is known.
    #[error("no endpoint")]
    NoEndpoint,
    /// The last endpoint tried.
    #[error(transparent)]
    Pool(#[from] PoolError),
}

/// A group of endpoints that all serve the same.
pub struct Cluster {
    /// As routes call it.
    pub name: String,
    /// Requests sent, and those that got no answer.
    pub counters: ClusterCounters,
    endpoints: Arc<Endpoints>,
    scheme: http::uri::Scheme,
    tls_files: Option<TlsFiles>,
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
        config.check(at)?;
        let http2 = config.http2(at)?;
        let tls = config
            .transport_socket
            .map(|socket| UpstreamTls::load(socket, base_dir, &at.field("transport_socket")));
        let defaults = Transport::default();
        let transport = Transport {
            connect_timeout: config.connect_timeout.0,
            stream_window: http2.initial_stream_window_size.map_or(defaults.stream_window, |size| size.0),
            connection_window: http2
                .initial_connection_window_size
                .map_or(defaults.connection_window, |size| size.0),
        };
        let localities = config.load_assignment.map(|assigned| assigned.endpoints).unwrap_or_default();
        let mut addresses = Vec::new();
        let mut names = Vec::new();
        for (i, locality) in localities.into_iter().enumerate() {
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
                        names.push((address.socket_address.address.0, address.socket_address.port_value));
                    }
                }
            }
        }
        let tls = tls.transpose()?;
        let scheme = if tls.is_some() { http::uri::Scheme::HTTPS } else { http::uri::Scheme::HTTP };
        let (tls, tls_files) = tls.map(|tls| ((tls.config, tls.server_name), tls.files)).unzip();
        let connect = Connect { tls, transport };
        let endpoints = match config.discovery {
            Discovery::Static => Endpoints::fixed(connect, &addresses),
            Discovery::StrictDns => {
                let family = config.dns_lookup_family.into();
                Endpoints::named(connect, HostNames::new(names, family, config.dns_refresh_rate.0))
            }
        };
        let counters = ClusterCounters::default();
        Ok(Self { name: config.name.0, counters, endpoints: Arc::new(endpoints), scheme, tls_files })
    }

    /// `https` or `http`.
    pub fn scheme(&self) -> http::uri::Scheme {
        self.scheme.clone()
    }

    /// Addresses in use.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.endpoints.addresses()
    }

    /// Sends `request`, whose URI is absolute, to the next endpoint; to another one only if it could not connect. Dropping the future
    /// cancels the request at the upstream. What is kept of its body, to be sent again, takes `quota`.
    ///
    /// # Errors
    /// Of the last endpoint tried.
    pub async fn send(
        &self,
        request: http::Request<Body>,
        quota: Option<Box<dyn BufferQuota>>,
    ) -> Result<http::Response<PooledBody>, UpstreamError> {
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.try_endpoints(request, quota).await;
        if answer.is_err() {
            self.counters.failures.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    async fn try_endpoints(
        &self,
        request: http::Request<Body>,
        quota: Option<Box<dyn BufferQuota>>,
    ) -> Result<http::Response<PooledBody>, UpstreamError> {
        let mut failure = UpstreamError::NoEndpoint;
        let (head, body) = request.into_parts();
        let body = RetryBuffer::within(quota, body);
        for pool in self.endpoints.in_turn() {
            match pool.send(&head, &body).await {
                Ok(response) => return Ok(response),
                Err(error @ PoolError::Connect { .. }) => failure = error.into(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(failure)
    }

    /// Keeps the endpoints of a STRICT_DNS cluster and the certificates of one with TLS current; returns at once for others.
    pub(crate) async fn keep_current(&self) {
        let resolved = Endpoints::keep_resolved(Arc::downgrade(&self.endpoints), &self.name);
        let certified = async {
            if let Some(files) = &self.tls_files {
                files.follow(&self.name).await;
            }
        };
        tokio::join!(resolved, certified);
    }
}
