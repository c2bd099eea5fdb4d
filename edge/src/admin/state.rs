//! What the admin listener shows.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use serde_json::Value;

use crate::{
    bootstrap::schema::Node, clusters::Clusters, connection_manager::ConnectionManager, http::BufferBudget,
};

/// What the admin listener shows.
pub(crate) struct Admin {
    pub node: Node,
    pub clusters: Clusters,
    pub listeners: Vec<(String, SocketAddr, Arc<ConnectionManager>)>,
    pub budget: BufferBudget,
    /// The bootstrap without secrets.
    pub config: Value,
    pub started: Instant,
}
