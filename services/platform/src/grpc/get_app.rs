//! GetApp: the page of a web application, whatever the path below it.

use bytes::Bytes;
use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::{google::api::HttpBody, platform::v1 as pb};
use tonic::Response;

use super::pages;
use crate::{app::App, assets::Assets};

/// Bytes of the longest extension that files of an application have: `webmanifest`.
const LONGEST_EXTENSION: usize = 11;
/// Bytes of the longest path of a file; what is longer was made by an application for itself.
const LONGEST_FILE: usize = 256;

/// The page.
pub async fn answer(app: &App, _: &Call, request: pb::GetAppRequest) -> Result<Response<HttpBody>> {
    let pb::GetAppRequest { app: name, path } = request;
    let page = app.assets.page(&name).ok_or_else(|| Error::not_found(&Assets::page_of(&name)))?;
    // A script that is gone must not be answered with a page.
    if names_a_file(&path) {
        return Err(Error::not_found(&format!("{name}/{path}")));
    }
    Ok(pages::page(page.content_type, Bytes::from_static(page.data)))
}

/// Whether the last segment ends as a file's name does: `index.js`, but not `tea`, `.tea` or `v1.5`.
fn names_a_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, extension)) = last.rsplit_once('.') else { return false };
    path.len() <= LONGEST_FILE
        && !stem.is_empty()
        && extension.len() <= LONGEST_EXTENSION
        && extension.starts_with(|first: char| first.is_ascii_alphabetic())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
