//! The RPCs of this service: one file each, delegated to from the generated trait.

mod list_deliveries;
mod list_templates;
mod render_template;
mod translate;

use shopmesh_kit::db::Db;
use shopmesh_proto::notifications::v1::{
    ListDeliveriesRequest, ListDeliveriesResponse, ListTemplatesRequest, ListTemplatesResponse,
    RenderTemplateRequest, RenderTemplateResponse,
    notification_service_server::{NotificationService, NotificationServiceServer},
};
use tonic::{Request, Response, Status, service::Routes};

/// Serves the contract.
struct Rpcs {
    db: Db,
}

/// The routes of the service.
pub fn routes(db: Db) -> Routes {
    Routes::new(NotificationServiceServer::new(Rpcs { db }))
}

#[tonic::async_trait]
impl NotificationService for Rpcs {
    async fn list_deliveries(
        &self,
        request: Request<ListDeliveriesRequest>,
    ) -> Result<Response<ListDeliveriesResponse>, Status> {
        list_deliveries::list_deliveries(&self.db, request).await
    }

    async fn list_templates(
        &self,
        _: Request<ListTemplatesRequest>,
    ) -> Result<Response<ListTemplatesResponse>, Status> {
        Ok(list_templates::list_templates())
    }

    async fn render_template(
        &self,
        request: Request<RenderTemplateRequest>,
    ) -> Result<Response<RenderTemplateResponse>, Status> {
        Ok(render_template::render_template(request.into_inner())?)
    }
}
