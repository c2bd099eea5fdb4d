//! What the bootstrap needs beside the contracts.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

/// What a deployment adds to the contracts.
#[derive(Debug, Clone)]
pub struct EdgeYamlParams {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Envoy's admin interface.
    pub admin: SocketAddr,
    /// Endpoints by service name, such as `orders`.
    pub services: BTreeMap<String, Vec<SocketAddr>>,
    /// Trust domain of the SPIFFE ids, such as `shopmesh.local`.
    pub trust_domain: String,
    /// The edge's certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub private_key: PathBuf,
    /// Roots that sign the services, PEM.
    pub roots: PathBuf,
    /// The contracts' `FileDescriptorSet`.
    pub descriptors: PathBuf,
    /// Whether rate limits are enforced.
    pub rate_limit: bool,
}
