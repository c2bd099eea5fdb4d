//! The PlatformService API.

mod get_system_status;

use shopmesh_mesh::client::MeshClient;
use shopmesh_proto::{
    google::api::HttpBody,
    platform::v1::{
        GetHealthRequest, GetLandingPageRequest, GetSystemStatusRequest, Health, SystemStatus,
        platform_service_server::PlatformService,
    },
};
use tonic::{Request, Response, Status};

/// The page, as it is sent.
const LANDING_PAGE: &str = include_str!("../../assets/landing.html");

/// Answers for PlatformService.
pub struct PlatformApi {
    mesh: MeshClient,
}

impl PlatformApi {
    /// Asks the other services over `mesh`.
    pub fn new(mesh: MeshClient) -> Self {
        Self { mesh }
    }
}

#[tonic::async_trait]
impl PlatformService for PlatformApi {
    async fn get_landing_page(
        &self,
        _: Request<GetLandingPageRequest>,
    ) -> Result<Response<HttpBody>, Status> {
        let content_type = "text/html; charset=utf-8".to_owned();
        Ok(Response::new(HttpBody { content_type, data: LANDING_PAGE.into(), extensions: Vec::new() }))
    }

    async fn get_health(&self, _: Request<GetHealthRequest>) -> Result<Response<Health>, Status> {
        Ok(Response::new(Health { status: "ok".to_owned() }))
    }

    async fn get_system_status(
        &self,
        _: Request<GetSystemStatusRequest>,
    ) -> Result<Response<SystemStatus>, Status> {
        Ok(Response::new(get_system_status::run(&self.mesh).await))
    }
}
