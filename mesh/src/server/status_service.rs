//! `shopmesh.mesh.v1.StatusService`: what a process tells about itself.

use shopmesh_proto::mesh::v1::{
    GetServiceStatusRequest, ServiceStatus, status_service_server::StatusService,
};
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use super::bound::HealthHandle;
use crate::ServiceName;

pub struct StatusApi {
    pub service: ServiceName,
    pub version: &'static str,
    pub started: Instant,
    pub health: HealthHandle,
}

#[tonic::async_trait]
impl StatusService for StatusApi {
    async fn get_service_status(
        &self,
        _: Request<GetServiceStatusRequest>,
    ) -> Result<Response<ServiceStatus>, Status> {
        Ok(Response::new(ServiceStatus {
            service: self.service.to_string(),
            version: self.version.to_owned(),
            state: self.health.state().into(),
            problem: self.health.problem(),
            uptime: prost_types::Duration::try_from(self.started.elapsed()).ok(),
        }))
    }
}
