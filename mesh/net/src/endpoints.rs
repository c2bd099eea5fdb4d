//! The endpoints of a destination, each with its connections, kept current while calls run.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use arc_swap::ArcSwap;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::sync::watch;

use super::{
    connection::{Endpoint, Transport},
    pool::Pool,
    resolver::HostNames,
};

/// How connections to the endpoints of one destination are made.
#[derive(Debug, Clone)]
pub struct Connect {
    /// What proves the destination, and its name; none is cleartext.
    pub tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    /// Sizes and times.
    pub transport: Transport,
}

/// The endpoints that all serve the same, taken in turn.
#[derive(Debug)]
pub struct Endpoints {
    connect: Connect,
    names: Option<HostNames>,
    pools: ArcSwap<Vec<Pool>>,
    /// Whether they were looked up, or need not be.
    known: watch::Sender<bool>,
    next: AtomicUsize,
}

impl Endpoints {
    /// Endpoints that never change.
    pub fn fixed(connect: Connect, addresses: &[SocketAddr]) -> Self {
        let endpoints = Self::new(connect, None);
        endpoints.replace(addresses);
        endpoints
    }

    /// Endpoints behind host names: none, until [`Endpoints::keep_resolved`] runs.
    pub fn named(connect: Connect, names: HostNames) -> Self {
        Self::new(connect, Some(names))
    }

    fn new(connect: Connect, names: Option<HostNames>) -> Self {
        let known = watch::Sender::new(names.is_none());
        Self { connect, names, pools: ArcSwap::default(), known, next: AtomicUsize::new(0) }
    }

    /// Whether they have to be looked up.
    pub fn is_named(&self) -> bool {
        self.names.is_some()
    }

    /// Addresses in use.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.pools.load().iter().map(|pool| pool.endpoint().address).collect()
    }

    /// All endpoints, each time beginning with the next one.
    pub fn in_turn(&self) -> impl Iterator<Item = Pool> + use<> {
        let pools = self.pools.load_full();
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        (0..pools.len()).map(move |at| pools[start.wrapping_add(at) % pools.len()].clone())
    }

    /// Waits until they are looked up for the first time.
    pub async fn known(&self) {
        // The sender lives as long as this.
        let _ = self.known.subscribe().wait_for(|known| *known).await;
    }

    /// Looks host names up again and again, as long as somebody has the endpoints; returns at once where there are none.
    /// What does not resolve leaves what is known. `destination` is its name in the log.
    pub async fn keep_resolved(endpoints: Weak<Self>, destination: &str) {
        loop {
            let Some(this) = endpoints.upgrade() else { return };
            let Some(names) = this.names.clone() else { return };
            match names.resolve().await {
                Ok(addresses) => {
                    this.replace(&addresses);
                    this.known.send_replace(true);
                }
                Err(error) => tracing::warn!(destination, %error, "host names not resolved, endpoints kept"),
            }
            drop(this);
            tokio::time::sleep(names.refresh()).await;
        }
    }

    /// Endpoints that stay keep their connections.
    fn replace(&self, addresses: &[SocketAddr]) {
        let current = self.pools.load();
        if current.iter().map(|pool| &pool.endpoint().address).eq(addresses) {
            return;
        }
        let keep_or_open = |address: &SocketAddr| {
            let known = current.iter().find(|pool| pool.endpoint().address == *address);
            known.cloned().unwrap_or_else(|| self.open(*address))
        };
        self.pools.store(Arc::new(addresses.iter().map(keep_or_open).collect()));
    }

    fn open(&self, address: SocketAddr) -> Pool {
        let Connect { tls, transport } = self.connect.clone();
        Pool::new(Endpoint { address, tls, transport })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::resolver::Family;

    fn connect() -> Connect {
        Connect { tls: None, transport: Transport::default() }
    }

    fn address(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    #[test]
    fn they_are_taken_in_turn_and_those_that_stay_keep_their_connections() {
        let endpoints = Endpoints::fixed(connect(), &[address(1), address(2)]);
        let ports = |endpoints: &Endpoints| -> Vec<u16> {
            endpoints.in_turn().map(|pool| pool.endpoint().address.port()).collect()
        };
        assert_eq!([ports(&endpoints), ports(&endpoints), ports(&endpoints)], [[1, 2], [2, 1], [1, 2]]);
        let kept = endpoints.in_turn().find(|pool| pool.endpoint().address == address(2)).unwrap();
        endpoints.replace(&[address(2), address(3)]);
        assert_eq!(endpoints.addresses(), [address(2), address(3)]);
        assert!(endpoints.in_turn().any(|pool| pool.is_same(&kept)));
    }

    #[tokio::test]
    async fn a_name_is_known_once_it_is_looked_up() {
        let names =
            HostNames::new(vec![("localhost".to_owned(), 7)], Family::V4Preferred, Duration::from_secs(1));
        let endpoints = Arc::new(Endpoints::named(connect(), names));
        assert_eq!(endpoints.in_turn().count(), 0);
        let weak = Arc::downgrade(&endpoints);
        let looking = tokio::spawn(async move { Endpoints::keep_resolved(weak, "test").await });
        endpoints.known().await;
        assert_eq!(endpoints.addresses(), [address(7)]);
        drop(endpoints);
        tokio::time::pause();
        looking.await.unwrap();
    }
}
