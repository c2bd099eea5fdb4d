//! The asking end of a call: expected identity, deadline budget, retries by what the contract allows.

mod attempt;
mod budget;
mod channel;

pub use channel::MeshChannel;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use rustls::pki_types::ServerName;

use crate::{
    ServiceName,
    discovery::Directory,
    net::{
        connection::Transport,
        endpoints::{Connect, Endpoints},
    },
    telemetry::Metrics,
    workload::{Identity, SpiffeId},
};
use budget::RetryBudget;

/// Calls other services as one workload. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MeshClient(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    identity: Arc<Identity>,
    directory: Directory,
    metrics: Metrics,
    channels: Mutex<HashMap<ServiceName, MeshChannel>>,
}

impl MeshClient {
    /// Connects when the first call is made.
    pub fn new(identity: Arc<Identity>, directory: Directory, metrics: Metrics) -> Self {
        Self(Arc::new(Inner { identity, directory, metrics, channels: Mutex::default() }))
    }

    /// What a generated client of `to` sits on. All channels to one service share connections and retry budget.
    pub fn channel(&self, to: ServiceName) -> MeshChannel {
        let mut channels = self.0.channels.lock().expect("nothing panics while it is held");
        channels.entry(to).or_insert_with(|| self.open(to)).clone()
    }

    fn open(&self, to: ServiceName) -> MeshChannel {
        let expected =
            SpiffeId { trust_domain: self.0.identity.id().trust_domain.clone(), ..SpiffeId::service(to) };
        let endpoints = match self.0.identity.client_config(&expected) {
            Ok(tls) => {
                let name = ServerName::try_from(to.as_str()).expect("service names are host names");
                let connect = Connect { tls: Some((tls, name)), transport: Transport::default() };
                self.0.directory.endpoints(to, connect)
            }
            // The identity was proven when it was loaded; a channel without endpoints answers UNAVAILABLE.
            Err(error) => {
                tracing::error!(%error, %to, "TLS settings for a peer");
                Endpoints::fixed(Connect { tls: None, transport: Transport::default() }, &[])
            }
        };
        let endpoints = Arc::new(endpoints);
        if endpoints.is_named() {
            let watched = Arc::downgrade(&endpoints);
            tokio::spawn(async move { Endpoints::keep_resolved(watched, to.as_str()).await });
        }
        MeshChannel::new(to, endpoints, RetryBudget::default(), self.0.metrics.clone())
    }
}
