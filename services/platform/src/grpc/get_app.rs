//! GetApp: the page of a web application, whatever the path below it.

use crate::assets::Assets;
use bytes::Bytes;
use shopmesh_kit::error::Error;
use shopmesh_proto::{google::api::HttpBody, platform::v1::GetAppRequest};
use tonic::Response;

/// Bytes of the longest extension that files of an application have: `webmanifest`.
const LONGEST_EXTENSION: usize = 11;
/// Bytes of the longest path of a file; what is longer was made by an application for itself.
const LONGEST_FILE: usize = 256;

/// The page.
pub fn run(assets: &Assets, request: &GetAppRequest) -> Result<Response<HttpBody>, Error> {
    let GetAppRequest { app, path } = request;
    let page = assets.page(app).ok_or_else(|| Error::not_found(&Assets::page_of(app)))?;
    // A script that is gone must not be answered with a page.
    if names_a_file(path) {
        return Err(Error::not_found(&format!("{app}/{path}")));
    }
    Ok(super::pages::page(page.content_type, Bytes::from_static(page.data)))
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
