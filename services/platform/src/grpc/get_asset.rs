//! GetAsset: the files of the pages, from a closed list, in pieces that fit into every limit on the way.

use bytes::Bytes;
use shopmesh_kit::error::Error;
use shopmesh_proto::google::api::HttpBody;
use std::vec;
use tonic::{Response, Status, metadata::MetadataValue};

/// Bytes of a piece: far below what an edge holds of one message.
const PIECE: usize = 64 * 1024;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// The pieces of one file, in order.
pub type Pieces = futures_util::stream::Iter<vec::IntoIter<Result<HttpBody, Status>>>;

/// A file by its name.
fn file(name: &str) -> Option<(&'static str, &'static [u8])> {
    Some(match name.strip_prefix("assets/")? {
        "landing.js" => (JAVASCRIPT, include_bytes!("../../assets/landing.js")),
        "docs.js" => (JAVASCRIPT, include_bytes!("../../assets/docs.js")),
        "swagger-ui-bundle.js" => {
            (JAVASCRIPT, include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js"))
        }
        "swagger-ui.css" => (CSS, include_bytes!("../../assets/swagger-ui/swagger-ui.css")),
        _ => return None,
    })
}

/// The file in pieces, each of which says what it is.
pub fn run(name: &str) -> Result<Response<Pieces>, Error> {
    let (content_type, data) = file(name).ok_or_else(|| Error::not_found(name))?;
    let pieces: Vec<_> = data
        .chunks(PIECE)
        .map(|piece| {
            let (content_type, data) = (content_type.to_owned(), Bytes::from_static(piece));
            Ok(HttpBody { content_type, data, extensions: Vec::new() })
        })
        .collect();
    let mut response = Response::new(futures_util::stream::iter(pieces));
    // Names stay the same over versions: a page of a new one must not run an old script.
    response.metadata_mut().insert("cache-control", MetadataValue::from_static("no-cache"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    #[tokio::test]
    async fn a_file_comes_whole_and_typed() {
        for (name, content_type, start) in [
            ("assets/landing.js", "text/javascript; charset=utf-8", "// "),
            ("assets/docs.js", "text/javascript; charset=utf-8", "// "),
            ("assets/swagger-ui-bundle.js", "text/javascript; charset=utf-8", "/*"),
            ("assets/swagger-ui.css", "text/css; charset=utf-8", "."),
        ] {
            let (_, data) = file(name).unwrap();
            assert!(data.starts_with(start.as_bytes()), "{name}");
            let pieces: Vec<HttpBody> = run(name).unwrap().into_inner().map(Result::unwrap).collect().await;
            assert!(pieces.iter().all(|piece| piece.content_type == content_type));
            assert!(pieces.iter().all(|piece| piece.data.len() <= PIECE));
            assert_eq!(pieces.iter().flat_map(|piece| piece.data.to_vec()).collect::<Vec<u8>>(), data);
        }
    }

    #[test]
    fn other_names_are_not_found() {
        for name in ["assets/landing.html", "assets/", "landing.js", "assets/../Cargo.toml"] {
            assert_eq!(Status::from(run(name).unwrap_err()).code(), tonic::Code::NotFound, "{name}");
        }
    }
}
