//! Where a call comes from, as far as passwords are concerned.

use std::net::IpAddr;

use shopmesh_mesh::{server::Call, workload::Workload};
use tonic::metadata::MetadataMap;

/// Where somebody tries a password: one of the addresses in which guesses are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Vec<u8>);

impl Origin {
    /// Of a call. Only the edge is believed about its client; `proxies` of our own stand before it.
    pub fn of(call: &Call, proxies: usize) -> Self {
        match &call.peer.workload {
            Workload::Edge(_) => Self::of_client(client(&call.metadata, proxies)),
            workload => Self(format!("{workload:?}").into_bytes()),
        }
    }

    /// An IPv4 address, or the /64 that an IPv6 client chooses its addresses from (RFC 7421).
    fn of_client(client: Option<IpAddr>) -> Self {
        Self(match client.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => address.octets().to_vec(),
            Some(IpAddr::V6(address)) => address.octets()[..8].to_vec(),
            // Nobody's: they share their counters.
            None => Vec::new(),
        })
    }

    /// What counters are keyed by.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The client's address: the edge appends who connected to it, and each proxy before it does the same, so that what the
/// client itself wrote is further to the left.
fn client(metadata: &MetadataMap, proxies: usize) -> Option<IpAddr> {
    let lines = metadata.get_all("x-forwarded-for");
    let entries: Vec<_> =
        lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
    entries.iter().rev().nth(proxies)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(lines: &[&str], proxies: usize) -> Origin {
        let mut metadata = MetadataMap::new();
        for line in lines {
            metadata.append("x-forwarded-for", line.parse().unwrap());
        }
        Origin::of_client(client(&metadata, proxies))
    }

    #[test]
    fn the_entry_that_the_edge_wrote_counts() {
        let ann = origin(&["192.0.2.7"], 0);
        assert_eq!(origin(&["198.51.100.1, 203.0.113.9,192.0.2.7"], 0), ann);
        assert_eq!(origin(&["198.51.100.1", "192.0.2.7"], 0), ann, "in lines of their own");
        assert_eq!(origin(&["::ffff:192.0.2.7"], 0), ann);
        assert_ne!(origin(&["192.0.2.8"], 0), ann);
        assert_eq!(origin(&["1.2.3.4, 192.0.2.7, 10.0.0.1"], 1), ann, "behind a proxy of ours");
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        let ann = origin(&["2001:db8:1:2::1"], 0);
        assert_eq!(origin(&["2001:db8:1:2:ffff:0:0:9"], 0), ann);
        assert_ne!(origin(&["2001:db8:1:3::1"], 0), ann);
    }

    #[test]
    fn what_is_no_address_is_nobody() {
        for lines in [&[][..], &["unknown"], &[""], &["192.0.2.7:443"]] {
            assert_eq!(origin(lines, 0), Origin(Vec::new()), "{lines:?}");
        }
        assert_eq!(origin(&["192.0.2.7"], 1), Origin(Vec::new()), "the proxy's entry is missing");
    }
}
