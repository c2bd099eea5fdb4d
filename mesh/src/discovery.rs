//! Where services are. There is no control plane to ask: a static list, or names that DNS knows.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use crate::{
    ServiceName,
    net::{
        endpoints::{Connect, Endpoints},
        resolver::{Family, HostNames},
    },
};

/// How soon a name is looked up anew: an instance that is new takes calls by then.
const REFRESH: Duration = Duration::from_secs(5);

/// A host and its port, such as `10.0.0.7:9104`, `[fd00::7]:9104` or `orders.shop.svc:9104`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// What is no host and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not HOST:PORT, such as 10.0.0.7:9104, [fd00::7]:9104 or orders.example:9104")]
pub struct NotHostPort(String);

impl FromStr for HostPort {
    type Err = NotHostPort;

    fn from_str(text: &str) -> Result<Self, NotHostPort> {
        let wrong = || NotHostPort(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?;
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let is_name = |host: &str| {
            !host.is_empty()
                && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        };
        let host = match bare {
            Some(address) if address.parse::<std::net::Ipv6Addr>().is_ok() => address,
            None if is_name(host) => host,
            _ => return Err(wrong()),
        };
        Ok(Self { host: host.to_owned(), port })
    }
}

impl From<SocketAddr> for HostPort {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

/// Endpoints by service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Directory(Arc<BTreeMap<ServiceName, Vec<HostPort>>>);

impl Directory {
    /// A directory of these addresses.
    pub fn fixed(endpoints: BTreeMap<ServiceName, Vec<SocketAddr>>) -> Self {
        let hosts = |addresses: Vec<SocketAddr>| addresses.into_iter().map(HostPort::from).collect();
        Self::of(endpoints.into_iter().map(|(service, addresses)| (service, hosts(addresses))).collect())
    }

    /// A directory of these hosts. Names are looked up again while calls run, and all their addresses are endpoints.
    pub fn of(hosts: BTreeMap<ServiceName, Vec<HostPort>>) -> Self {
        Self(Arc::new(hosts))
    }

    /// Every service on loopback, at its default port and `port_offset`.
    pub fn loopback(port_offset: u16) -> Self {
        let endpoint = |service: ServiceName| {
            SocketAddr::from((Ipv4Addr::LOCALHOST, service.default_port() + port_offset))
        };
        Self::fixed(ServiceName::ALL.map(|service| (service, vec![endpoint(service)])).into())
    }

    /// The endpoints of a service; none when it is nowhere.
    pub(crate) fn endpoints(&self, service: ServiceName, connect: Connect) -> Endpoints {
        let hosts = self.0.get(&service).map_or(&[][..], Vec::as_slice);
        let address = |at: &HostPort| Some(SocketAddr::new(at.host.parse().ok()?, at.port));
        match hosts.iter().map(address).collect::<Option<Vec<_>>>() {
            Some(addresses) => Endpoints::fixed(connect, &addresses),
            None => {
                let names = hosts.iter().map(|at| (at.host.clone(), at.port)).collect();
                Endpoints::named(connect, HostNames::new(names, Family::V4Preferred, REFRESH))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_read() {
        for (text, host) in [
            ("10.0.0.7:9104", "10.0.0.7"),
            ("[fd00::7]:9104", "fd00::7"),
            ("orders-0.shop_a.svc:9104", "orders-0.shop_a.svc"),
        ] {
            assert_eq!(text.parse(), Ok(HostPort { host: host.to_owned(), port: 9104 }), "{text}");
        }
        for text in [
            "",
            "orders",
            "orders:",
            ":9104",
            "orders:0",
            "orders:99999",
            "fd00::7:9104",
            "[orders]:1",
            "a b:1",
        ] {
            assert!(text.parse::<HostPort>().is_err(), "{text}");
        }
    }
}
