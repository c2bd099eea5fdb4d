//! A whole body, up to a limit.

use crate::filters::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt;

/// Why a body was not read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incomplete {
    /// It is larger than the limit.
    TooLarge,
    /// It broke off.
    Broken,
}

/// Reads data and trailers.
pub async fn collect(mut body: Body, limit: usize) -> Result<(Bytes, HeaderMap), Incomplete> {
    let (mut data, mut trailers) = (BytesMut::new(), HeaderMap::new());
    while let Some(frame) = body.frame().await {
        match frame.map_err(|_| Incomplete::Broken)?.into_data() {
            Ok(piece) if data.len() + piece.len() > limit => return Err(Incomplete::TooLarge),
            Ok(piece) => data.extend_from_slice(&piece),
            Err(frame) => trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    Ok((data.freeze(), trailers))
}
