//! From host names to addresses.

use std::{io, net::SocketAddr, time::Duration};

use tokio::net::lookup_host;

/// Least time between two lookups.
const LEAST_REFRESH: Duration = Duration::from_millis(100);

/// Which addresses of a host name are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
    /// IPv4, and IPv6 where there is none.
    V4Preferred,
    /// IPv6, and IPv4 where there is none.
    V6Preferred,
    /// Both.
    All,
}

/// Host names and ports that are looked up together. An address is its own name.
#[derive(Debug, Clone)]
pub struct HostNames {
    names: Vec<(String, u16)>,
    family: Family,
    refresh: Duration,
}

impl HostNames {
    /// Names that are looked up anew after each `refresh`.
    pub fn new(names: Vec<(String, u16)>, family: Family, refresh: Duration) -> Self {
        Self { names, family, refresh: refresh.max(LEAST_REFRESH) }
    }

    /// Time between two lookups.
    pub fn refresh(&self) -> Duration {
        self.refresh
    }

    /// All addresses, sorted and without repetition. One name that does not resolve fails them all: a destination must not
    /// shrink because a resolver hiccups.
    ///
    /// # Errors
    /// Of the first name that does not resolve.
    pub async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let mut all = Vec::new();
        for (name, port) in &self.names {
            let found = lookup_host((name.as_str(), *port)).await.map_err(|error| named(name, &error))?;
            all.extend(choose(self.family, found.collect()));
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}

fn named(name: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{name}: {error}"))
}

fn choose(family: Family, found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (v4, v6): (Vec<_>, Vec<_>) = found.into_iter().partition(SocketAddr::is_ipv4);
    let prefer = |first: Vec<SocketAddr>, second| if first.is_empty() { second } else { first };
    match family {
        Family::V4 => v4,
        Family::V6 => v6,
        Family::V4Preferred => prefer(v4, v6),
        Family::V6Preferred => prefer(v6, v4),
        Family::All => [v4, v6].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families() {
        let both = vec!["[::1]:80".parse().unwrap(), "127.0.0.1:80".parse().unwrap()];
        let of = |family| choose(family, both.clone()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of(Family::V6Preferred), ["[::1]:80"]);
        assert_eq!(of(Family::V4Preferred), ["127.0.0.1:80"]);
        assert_eq!(of(Family::V4), ["127.0.0.1:80"]);
        assert_eq!(of(Family::V6), ["[::1]:80"]);
        assert_eq!(of(Family::All), ["127.0.0.1:80", "[::1]:80"]);
        let v4 = vec!["127.0.0.1:80".parse().unwrap()];
        assert_eq!(choose(Family::V6Preferred, v4).len(), 1);
    }

    #[tokio::test]
    async fn an_address_is_its_own_name_and_an_unknown_one_is_told() {
        let names = |name: &str| HostNames::new(vec![(name.to_owned(), 80)], Family::All, Duration::ZERO);
        assert_eq!(names("10.0.0.7").resolve().await.unwrap(), ["10.0.0.7:80".parse().unwrap()]);
        let error = names("nowhere.invalid").resolve().await.unwrap_err().to_string();
        assert!(error.contains("nowhere.invalid"), "{error}");
    }
}
