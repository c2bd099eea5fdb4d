//! `envoy.config.bootstrap.v3.Bootstrap` down to the filters of a listener. What hangs below a `typed_config` is read by its own module.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;
use serde_json::Value;

use super::{
    reader::{ConfigError, YamlPath},
    scalars::{NonEmpty, Wrapper},
};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// Who this edge is, shown by `/server_info`.
    #[serde(default)]
    pub node: Node,
    /// The admin listener; none without it.
    pub admin: Option<Admin>,
    /// Listeners and clusters.
    #[serde(default)]
    pub static_resources: StaticResources,
}

/// `core.v3.Node`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Name of this process.
    #[serde(default)]
    pub id: String,
    /// Name of the group of processes.
    #[serde(default)]
    pub cluster: String,
}

/// `bootstrap.v3.Admin`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// Loopback addresses only: admin answers carry no secrets but need no credentials either. Without one there is no listener.
    pub address: Option<Address>,
}

/// `Bootstrap.StaticResources`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticResources {
    /// Where clients connect.
    #[serde(default)]
    pub listeners: Vec<Listener>,
    /// Where requests go; read by `clusters`.
    #[serde(default)]
    pub clusters: Vec<Value>,
}

/// `listener.v3.Listener`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// For logs and `/listeners`.
    #[serde(default)]
    pub name: String,
    /// Where to listen; port 0 takes a free one.
    pub address: Address,
    /// Exactly one: without TLS there is nothing to choose by.
    #[serde(default)]
    pub filter_chains: Vec<FilterChain>,
    /// Bytes of a body that filters may hold; 1 MiB by default.
    #[serde(default = "default_buffer_limit")]
    pub per_connection_buffer_limit_bytes: Wrapper<u32>,
}

fn default_buffer_limit() -> Wrapper<u32> {
    Wrapper(1024 * 1024)
}

/// `listener.v3.FilterChain`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterChain {
    /// Without meaning here.
    #[serde(default)]
    pub name: String,
    /// Exactly one: the HTTP connection manager.
    #[serde(default)]
    pub filters: Vec<NamedConfig>,
}

/// A name beside the `Any` that configures it; the form of all of Envoy's extension points.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedConfig {
    /// Free for HTTP filters, where it is the key of `typed_per_filter_config`.
    pub name: NonEmpty,
    /// Message with `@type`.
    #[serde(default)]
    pub typed_config: Value,
}

/// `core.v3.Address`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The one kind honored.
    pub socket_address: SocketAddress,
}

/// `core.v3.SocketAddress`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocketAddress {
    /// An IP address; clusters of type STRICT_DNS take a host name.
    pub address: NonEmpty,
    /// TCP port.
    pub port_value: u16,
    /// TCP, the default.
    #[serde(default)]
    pub protocol: Protocol,
}

/// `SocketAddress.Protocol`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub enum Protocol {
    /// The one kind honored.
    #[default]
    #[serde(alias = "0")]
    TCP,
}

impl Address {
    /// The address as an IP endpoint.
    ///
    /// # Errors
    /// If it is a host name.
    pub fn to_ip(&self, at: &YamlPath) -> Result<SocketAddr, ConfigError> {
        let SocketAddress { address: NonEmpty(address), port_value, .. } = &self.socket_address;
        let ip: IpAddr = address.parse().map_err(|_| {
            at.field("socket_address")
                .field("address")
                .error(format!("must be an IP address, is {address:?}"))
        })?;
        Ok(SocketAddr::new(ip, *port_value))
    }
}
