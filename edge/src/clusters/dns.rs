//! STRICT_DNS: every address that the host names resolve to is an endpoint.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::config::DnsLookupFamily;

/// The host names of a cluster.
pub struct HostNames {
    names: Vec<(String, u16)>,
    family: DnsLookupFamily,
    /// Time between two resolutions.
    pub refresh: Duration,
}

impl HostNames {
    pub fn new(names: Vec<(String, u16)>, family: DnsLookupFamily, refresh: Duration) -> Self {
        Self { names, family, refresh: refresh.max(Duration::from_millis(100)) }
    }

    /// All addresses, sorted and without repetition. One name that does not resolve fails them all: a cluster must not shrink because
    /// a resolver hiccups.
    pub async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let mut all = Vec::new();
        for (name, port) in &self.names {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), *port)).await?.collect();
            all.extend(choose(self.family, found));
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}

/// The addresses of one name that the lookup family wants. AUTO prefers IPv6, as in Envoy.
fn choose(family: DnsLookupFamily, found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (v4, v6): (Vec<_>, Vec<_>) = found.into_iter().partition(SocketAddr::is_ipv4);
    let prefer = |first: Vec<SocketAddr>, second| if first.is_empty() { second } else { first };
    match family {
        DnsLookupFamily::Auto => prefer(v6, v4),
        DnsLookupFamily::V4Preferred => prefer(v4, v6),
        DnsLookupFamily::V4Only => v4,
        DnsLookupFamily::V6Only => v6,
        DnsLookupFamily::All => [v4, v6].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families() {
        let both = vec!["[::1]:80".parse().unwrap(), "127.0.0.1:80".parse().unwrap()];
        let of = |family| choose(family, both.clone()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of(DnsLookupFamily::Auto), ["[::1]:80"]);
        assert_eq!(of(DnsLookupFamily::V4Only), ["127.0.0.1:80"]);
        assert_eq!(of(DnsLookupFamily::All), ["127.0.0.1:80", "[::1]:80"]);
        let v4 = vec!["127.0.0.1:80".parse().unwrap()];
        assert_eq!(choose(DnsLookupFamily::Auto, v4).len(), 1);
    }
}
