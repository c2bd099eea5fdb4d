//! Asks every service for its state, all at once.

use crate::domain;
use futures_util::future::join_all;
use shopmesh_mesh::{ServiceName, client::MeshClient};
use shopmesh_proto::{
    mesh::v1::{
        GetServiceStatusRequest, ServiceStatus, ServingState, status_service_client::StatusServiceClient,
    },
    platform::v1::{ServiceReport, SystemStatus},
};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A service that takes longer counts as unreachable.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The state of the whole deployment. Platform itself serves since `uptime`, or nobody would be answering.
pub async fn run(mesh: &MeshClient, uptime: Duration) -> SystemStatus {
    let others = ServiceName::ALL.into_iter().filter(|service| *service != ServiceName::Platform);
    let mut services = join_all(others.map(|service| report(mesh, service))).await;
    services.push(ServiceReport {
        service: ServiceName::Platform.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        state: ServingState::Serving.into(),
        latency: Some(prost_types::Duration::default()),
        uptime: prost_types::Duration::try_from(uptime).ok(),
        problem: String::new(),
    });
    services.sort_by(|one, other| one.service.cmp(&other.service));
    SystemStatus {
        state: domain::overall(&services).into(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        services,
    }
}

async fn report(mesh: &MeshClient, service: ServiceName) -> ServiceReport {
    let mut client = StatusServiceClient::new(mesh.channel(service));
    let asked = Instant::now();
    let answer = timeout(PATIENCE, client.get_service_status(GetServiceStatusRequest {})).await;
    let latency = prost_types::Duration::try_from(asked.elapsed()).ok();
    let status = match answer {
        Ok(Ok(answer)) => answer.into_inner(),
        // Unreachable is an answer here: a report without a state.
        Ok(Err(_)) | Err(_) => ServiceStatus::default(),
    };
    ServiceReport {
        service: service.to_string(),
        version: status.version.clone(),
        state: status.state,
        latency,
        uptime: status.uptime,
        problem: status.problem,
    }
}
