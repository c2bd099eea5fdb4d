//! A body in gzip (RFC 1952). Each piece goes out as it comes in, so that streams stay streams.

use std::{
    io::Write as _,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::HeaderMap;
use http_body::Frame;
use tokio::sync::OwnedSemaphorePermit;

use crate::http::{Body, BoxError};

pub struct GzipBody {
    inner: Body,
    /// None when the last compressed byte was sent.
    encoder: Option<GzEncoder<Vec<u8>>>,
    trailers: Option<HeaderMap>,
    _permit: OwnedSemaphorePermit,
}

impl GzipBody {
    /// `permit` is given back with the encoder's memory.
    pub fn new(inner: Body, level: Compression, permit: OwnedSemaphorePermit) -> Self {
        Self { inner, encoder: Some(GzEncoder::new(Vec::new(), level)), trailers: None, _permit: permit }
    }

    /// The rest of the compressed bytes.
    fn finish(&mut self) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let encoder = self.encoder.take();
        let rest = encoder.map_or_else(|| Ok(Vec::new()), GzEncoder::finish);
        Poll::Ready(Some(rest.map(|rest| Frame::data(rest.into())).map_err(Into::into)))
    }
}

impl http_body::Body for GzipBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            let Some(encoder) = &mut this.encoder else {
                return Poll::Ready(this.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
            };
            let Some(frame) = ready!(Pin::new(&mut this.inner).poll_frame(cx)?) else { return this.finish() };
            let data = match frame.into_data() {
                Ok(data) => data,
                Err(frame) => {
                    this.trailers = frame.into_trailers().ok();
                    return this.finish();
                }
            };
            encoder.write_all(&data)?;
            if this.inner.is_end_stream() {
                return this.finish();
            }
            encoder.flush()?;
            let compressed = std::mem::take(encoder.get_mut());
            if !compressed.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(compressed.into()))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.encoder.is_none() && self.trailers.is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flate2::write::GzDecoder;
    use http_body_util::{BodyExt as _, StreamBody};
    use tokio::sync::{Semaphore, mpsc};

    use super::*;

    #[tokio::test]
    async fn pieces_go_out_as_they_come_in_and_trailers_last() {
        let permits = Arc::new(Semaphore::new(1));
        let (sender, receiver) = mpsc::channel::<Result<Frame<Bytes>, BoxError>>(1);
        let inner = StreamBody::new(tokio_stream::wrappers::ReceiverStream::new(receiver)).boxed_unsync();
        let permit = permits.clone().try_acquire_owned().unwrap();
        let mut body = GzipBody::new(inner, Compression::default(), permit);
        let mut decoder = GzDecoder::new(Vec::new());
        for piece in ["one", "two"] {
            sender.send(Ok(Frame::data(piece.into()))).await.unwrap();
            let frame = body.frame().await.unwrap().unwrap();
            decoder.write_all(&frame.into_data().unwrap()).unwrap();
            decoder.flush().unwrap();
            assert!(decoder.get_ref().ends_with(piece.as_bytes()), "{piece}");
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", 0.into());
        sender.send(Ok(Frame::trailers(trailers.clone()))).await.unwrap();
        let rest = body.frame().await.unwrap().unwrap().into_data().unwrap();
        decoder.write_all(&rest).unwrap();
        assert_eq!(decoder.finish().unwrap(), b"onetwo");
        assert_eq!(body.frame().await.unwrap().unwrap().into_trailers().unwrap(), trailers);
        assert!(http_body::Body::is_end_stream(&body) && body.frame().await.is_none());
        assert_eq!(permits.available_permits(), 0);
        drop(body);
        assert_eq!(permits.available_permits(), 1);
    }
}
