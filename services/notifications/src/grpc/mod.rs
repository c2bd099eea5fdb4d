//! What can be asked, one file an RPC.

mod list_deliveries;
mod list_templates;
mod render_template;

use shopmesh_kit::rpcs;
use shopmesh_proto::notifications::v1::{
    notification_service_server::{NotificationService, NotificationServiceServer},
    *,
};

use crate::app::App;

rpcs! {
    App;
    NotificationService in NotificationServiceServer {
        list_deliveries(ListDeliveriesRequest) -> ListDeliveriesResponse = list_deliveries::answer,
        list_templates(ListTemplatesRequest) -> ListTemplatesResponse = list_templates::answer,
        render_template(RenderTemplateRequest) -> RenderTemplateResponse = render_template::answer,
    }
}
