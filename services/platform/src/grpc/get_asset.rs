//! GetAsset: the files of the pages, from a closed list, in pieces that fit into every limit on the way.

use std::vec;

use bytes::Bytes;
use futures_util::stream;
use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::{google::api::HttpBody, platform::v1 as pb};
use tonic::{Response, Status};

use crate::{app::App, translate};

/// Bytes of a piece: far below what an edge holds of one message.
pub const PIECE: usize = 64 * 1024;

/// The pieces of one file, in order.
pub type Pieces = stream::Iter<vec::IntoIter<Result<HttpBody, Status>>>;

/// The file in pieces, each of which says what it is.
pub async fn answer(app: &App, _: &Call, request: pb::GetAssetRequest) -> Result<Response<Pieces>> {
    let asset = app.assets.find(&request.name).ok_or_else(|| Error::not_found(&request.name))?;
    let piece = |piece| Ok(translate::rpc::body(asset.content_type, Bytes::from_static(piece)));
    let pieces: Vec<_> = asset.data.chunks(PIECE).map(piece).collect();
    Ok(translate::rpc::cached(stream::iter(pieces), asset.cache_control, &asset.etag()))
}
