//! GetAsset: the files of the pages, from a closed list, in pieces that fit into every limit on the way.

use crate::assets::Assets;
use bytes::Bytes;
use shopmesh_kit::error::Error;
use shopmesh_proto::google::api::HttpBody;
use std::vec;
use tonic::{Response, Status};

/// Bytes of a piece: far below what an edge holds of one message.
const PIECE: usize = 64 * 1024;

/// The pieces of one file, in order.
pub type Pieces = futures_util::stream::Iter<vec::IntoIter<Result<HttpBody, Status>>>;

/// The file in pieces, each of which says what it is.
pub fn run(assets: &Assets, name: &str) -> Result<Response<Pieces>, Error> {
    let asset = assets.find(name).ok_or_else(|| Error::not_found(name))?;
    let pieces: Vec<_> = asset
        .data
        .chunks(PIECE)
        .map(|piece| {
            let (content_type, data) = (asset.content_type.to_owned(), Bytes::from_static(piece));
            Ok(HttpBody { content_type, data, extensions: Vec::new() })
        })
        .collect();
    let response = Response::new(futures_util::stream::iter(pieces));
    Ok(super::cached(response, asset.cache_control, &asset.etag()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    #[tokio::test]
    async fn a_file_comes_whole_and_typed() {
        let assets = Assets::built_in();
        for name in ["assets/landing.js", "assets/swagger-ui-bundle.js", "assets/swagger-ui.css"] {
            let asset = assets.find(name).unwrap();
            let response = run(&assets, name).unwrap();
            assert_eq!(response.metadata().get("etag").unwrap(), &asset.etag());
            assert_eq!(response.metadata().get("cache-control").unwrap(), asset.cache_control);
            let pieces: Vec<HttpBody> = response.into_inner().map(Result::unwrap).collect().await;
            assert!(pieces.iter().all(|piece| piece.content_type == asset.content_type));
            assert!(pieces.iter().all(|piece| piece.data.len() <= PIECE));
            assert_eq!(pieces.iter().flat_map(|piece| piece.data.to_vec()).collect::<Vec<u8>>(), asset.data);
        }
    }

    #[test]
    fn other_names_are_not_found() {
        let missing = Status::from(run(&Assets::built_in(), "assets/landing.html").unwrap_err());
        assert_eq!(missing.code(), tonic::Code::NotFound);
    }
}
