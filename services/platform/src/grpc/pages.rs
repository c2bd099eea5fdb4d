//! What browsers open: the landing page, the API's description and its page. And GetHealth.

use std::sync::LazyLock;

use bytes::Bytes;
use shopmesh_derive::openapi;
use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::{google::api::HttpBody, platform::v1 as pb};
use tonic::Response;

use crate::{app::App, assets::etag, translate};

const HTML: &str = "text/html; charset=utf-8";

/// The landing page.
pub async fn landing(_: &App, _: &Call, _: pb::GetLandingPageRequest) -> Result<Response<HttpBody>> {
    Ok(page(HTML, Bytes::from_static(include_bytes!("../../assets/landing.html"))))
}

/// The page that shows the API.
pub async fn docs(_: &App, _: &Call, _: pb::GetDocsRequest) -> Result<Response<HttpBody>> {
    Ok(page(HTML, Bytes::from_static(include_bytes!("../../assets/docs.html"))))
}

/// The API as OpenAPI. Rendered once: it is the same for the life of a build.
pub async fn open_api(_: &App, _: &Call, _: pb::GetOpenApiRequest) -> Result<Response<HttpBody>> {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| openapi::render().into());
    Ok(page("application/json", DOCUMENT.clone()))
}

/// Being asked is being well.
pub async fn health(_: &App, _: &Call, _: pb::GetHealthRequest) -> Result<pb::Health> {
    Ok(pb::Health { status: "ok".to_owned() })
}

/// A whole body that is asked for anew each time: it may change with the next start.
pub fn page(content_type: &str, data: Bytes) -> Response<HttpBody> {
    let etag = etag(&data);
    translate::rpc::cached(translate::rpc::body(content_type, data), "no-cache", &etag)
}
