//! What browsers open: the landing page, the API's description and its page.

use crate::assets::etag;
use bytes::Bytes;
use shopmesh_derive::openapi;
use shopmesh_proto::google::api::HttpBody;
use std::sync::LazyLock;
use tonic::Response;

const HTML: &str = "text/html; charset=utf-8";

/// GetLandingPage.
pub fn landing() -> Response<HttpBody> {
    page(HTML, Bytes::from_static(include_bytes!("../../assets/landing.html")))
}

/// GetDocs.
pub fn docs() -> Response<HttpBody> {
    page(HTML, Bytes::from_static(include_bytes!("../../assets/docs.html")))
}

/// GetOpenApi. Rendered once: it is the same for the life of a build.
pub fn open_api() -> Response<HttpBody> {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| openapi::render().into());
    page("application/json", DOCUMENT.clone())
}

/// A whole body that is asked for anew each time: it may change with the next start.
pub fn page(content_type: &str, data: Bytes) -> Response<HttpBody> {
    let etag = etag(&data);
    let body = HttpBody { content_type: content_type.to_owned(), data, extensions: Vec::new() };
    super::cached(Response::new(body), "no-cache", &etag)
}
