//! What can be asked, one file an RPC; pages share one.

mod get_app;
pub mod get_asset;
mod get_system_status;
mod pages;

use shopmesh_kit::rpcs;
use shopmesh_proto::{
    google::api::HttpBody,
    platform::v1::{
        platform_service_server::{PlatformService, PlatformServiceServer},
        *,
    },
};

use crate::app::App;

rpcs! {
    App;
    PlatformService in PlatformServiceServer where GetAssetStream = get_asset::Pieces {
        get_landing_page(GetLandingPageRequest) -> HttpBody = pages::landing,
        get_open_api(GetOpenApiRequest) -> HttpBody = pages::open_api,
        get_docs(GetDocsRequest) -> HttpBody = pages::docs,
        get_asset(GetAssetRequest) -> Self::GetAssetStream = get_asset::answer,
        get_app(GetAppRequest) -> HttpBody = get_app::answer,
        get_health(GetHealthRequest) -> Health = pages::health,
        get_system_status(GetSystemStatusRequest) -> SystemStatus = get_system_status::answer,
    }
}
