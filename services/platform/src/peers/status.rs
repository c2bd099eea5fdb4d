//! Asks any service for its state.

use std::time::Duration;

use shopmesh_mesh::{ServiceName, client::MeshClient};
use shopmesh_proto::mesh::v1::{GetServiceStatusRequest, status_service_client::StatusServiceClient};
use tokio::time::{Instant, timeout};

use crate::{domain::report::Report, translate};

/// A service that takes longer counts as unreachable.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// The report of a service. Unreachable is an answer here: a report without a state.
pub async fn report(mesh: &MeshClient, service: ServiceName) -> Report {
    let mut client = StatusServiceClient::new(mesh.channel(service));
    let asked = Instant::now();
    let answer = timeout(TIMEOUT, client.get_service_status(GetServiceStatusRequest {})).await;
    let report = match answer {
        Ok(Ok(answer)) => translate::peers::report(answer.into_inner()),
        Ok(Err(_)) | Err(_) => Report::default(),
    };
    Report { service: service.to_string(), latency: asked.elapsed(), ..report }
}
