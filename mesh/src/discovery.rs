//! Where services are.

use crate::ServiceName;
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// Endpoints by service. A fixed list: there is no control plane to ask.
#[derive(Debug, Clone)]
pub struct Directory(Arc<BTreeMap<ServiceName, Vec<SocketAddr>>>);

impl Directory {
    /// A directory of these endpoints.
    pub fn fixed(endpoints: BTreeMap<ServiceName, Vec<SocketAddr>>) -> Self {
        Self(Arc::new(endpoints))
    }

    /// Every service on loopback, at its default port and `port_offset`.
    pub fn loopback(port_offset: u16) -> Self {
        let endpoint = |service: ServiceName| {
            SocketAddr::from((Ipv4Addr::LOCALHOST, service.default_port() + port_offset))
        };
        Self::fixed(ServiceName::ALL.map(|service| (service, vec![endpoint(service)])).into())
    }

    /// The endpoints of a service; empty when it is nowhere.
    pub fn endpoints(&self, service: ServiceName) -> &[SocketAddr] {
        self.0.get(&service).map_or(&[], Vec::as_slice)
    }
}
