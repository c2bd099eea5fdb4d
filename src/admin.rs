//! A process's own health and metrics, without TLS.

use std::{net::SocketAddr, sync::Arc};

use shopmesh_mesh::{
    ServiceName,
    net::Drain,
    telemetry::{AdminServer, Metrics},
};

/// Serves `/health`, `/api/status` and `/metrics` until the drain starts.
pub async fn start(
    address: SocketAddr,
    services: &[ServiceName],
    metrics: Metrics,
    draining: &Drain,
) -> anyhow::Result<SocketAddr> {
    let names: Vec<_> = services.iter().map(|service| service.as_str()).collect();
    let status =
        Arc::new(move || serde_json::json!({"version": env!("CARGO_PKG_VERSION"), "services": names}));
    let server = AdminServer::bind(address, metrics, status).await?;
    let drain = draining.clone();
    draining.spawn(async move { server.serve(drain).await });
    Ok(address)
}
