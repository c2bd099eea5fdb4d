//! The logs of producers that live in this process, so that their consumers here need no network.

use std::{collections::HashMap, sync::Arc};

use shopmesh_mesh::{ServiceName, client::MeshClient};

use super::{EventSource, LocalLog, RemoteLog};
use crate::db::Db;

/// The logs of this process's services.
#[derive(Clone, Default)]
pub struct LocalLogs(HashMap<ServiceName, Db>);

impl LocalLogs {
    /// Adds a producer.
    pub fn add(&mut self, producer: ServiceName, db: Db) {
        self.0.insert(producer, db);
    }

    /// The log of `producer`, if it is here.
    pub fn get(&self, producer: ServiceName) -> Option<LocalLog> {
        self.0.get(&producer).cloned().map(LocalLog::new)
    }

    /// The log of `producer`: here, or over `mesh`.
    pub fn source(&self, producer: ServiceName, mesh: &MeshClient) -> Arc<dyn EventSource> {
        match self.get(producer) {
            Some(log) => Arc::new(log),
            None => Arc::new(RemoteLog::new(mesh.channel(producer))),
        }
    }
}
