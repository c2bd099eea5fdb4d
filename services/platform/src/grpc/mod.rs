//! The PlatformService API.

mod get_app;
mod get_asset;
mod get_system_status;
mod pages;

use crate::assets::Assets;
use shopmesh_mesh::client::MeshClient;
use shopmesh_proto::{
    google::api::HttpBody,
    platform::v1::{
        GetAppRequest, GetAssetRequest, GetDocsRequest, GetHealthRequest, GetLandingPageRequest,
        GetOpenApiRequest, GetSystemStatusRequest, Health, SystemStatus,
        platform_service_server::PlatformService,
    },
};
use tokio::time::Instant;
use tonic::{Request, Response, Status, metadata::MetadataValue};

/// Answers for PlatformService.
pub struct PlatformApi {
    mesh: MeshClient,
    started: Instant,
    assets: Assets,
}

impl PlatformApi {
    /// Asks the other services over `mesh`, and answers with these files.
    pub fn new(mesh: MeshClient, assets: Assets) -> Self {
        Self { mesh, started: Instant::now(), assets }
    }
}

/// An answer with how long it may be kept (RFC 9111), and the tag of its content.
fn cached<T>(mut response: Response<T>, cache_control: &'static str, etag: &str) -> Response<T> {
    let headers = response.metadata_mut();
    headers.insert("cache-control", MetadataValue::from_static(cache_control));
    if let Ok(etag) = etag.parse() {
        headers.insert("etag", etag);
    }
    response
}

#[tonic::async_trait]
impl PlatformService for PlatformApi {
    type GetAssetStream = get_asset::Pieces;

    async fn get_landing_page(
        &self,
        _: Request<GetLandingPageRequest>,
    ) -> Result<Response<HttpBody>, Status> {
        Ok(pages::landing())
    }

    async fn get_open_api(&self, _: Request<GetOpenApiRequest>) -> Result<Response<HttpBody>, Status> {
        Ok(pages::open_api())
    }

    async fn get_docs(&self, _: Request<GetDocsRequest>) -> Result<Response<HttpBody>, Status> {
        Ok(pages::docs())
    }

    async fn get_asset(
        &self,
        request: Request<GetAssetRequest>,
    ) -> Result<Response<Self::GetAssetStream>, Status> {
        Ok(get_asset::run(&self.assets, &request.get_ref().name)?)
    }

    async fn get_app(&self, request: Request<GetAppRequest>) -> Result<Response<HttpBody>, Status> {
        Ok(get_app::run(&self.assets, request.get_ref())?)
    }

    async fn get_health(&self, _: Request<GetHealthRequest>) -> Result<Response<Health>, Status> {
        Ok(Response::new(Health { status: "ok".to_owned() }))
    }

    async fn get_system_status(
        &self,
        _: Request<GetSystemStatusRequest>,
    ) -> Result<Response<SystemStatus>, Status> {
        Ok(Response::new(get_system_status::run(&self.mesh, self.started.elapsed()).await))
    }
}

#[cfg(test)]
mod tests;
