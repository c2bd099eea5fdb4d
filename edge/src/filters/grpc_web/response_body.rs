//! A gRPC response body as gRPC-Web: trailers become the last frame, and in text form every piece is base64.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{BufMut as _, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;

use crate::http::{Body, BoxError};

/// Flag of a frame that holds trailers (PROTOCOL-WEB.md).
const TRAILERS: u8 = 0x80;

pub struct WebBody {
    pub inner: Body,
    pub text: bool,
    /// The trailers frame was sent.
    pub done: bool,
}

impl http_body::Body for WebBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.done {
            return Poll::Ready(None);
        }
        loop {
            let Some(frame) = ready!(Pin::new(&mut self.inner).poll_frame(cx)?) else {
                self.done = true;
                return Poll::Ready(None);
            };
            let data = match frame.into_data() {
                Ok(data) if data.is_empty() => continue,
                Ok(data) => data,
                Err(frame) => {
                    self.done = true;
                    trailers_frame(&frame.into_trailers().unwrap_or_default())
                }
            };
            let data = if self.text { Bytes::from(STANDARD.encode(data)) } else { data };
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
    }

    /// Known at once of an answer that is nothing but a status, which is in the headers.
    fn is_end_stream(&self) -> bool {
        self.done || self.inner.is_end_stream()
    }
}

/// `name:value` lines behind flag and length. `-bin` values are base64 already and stay as they are.
pub fn trailers_frame(trailers: &HeaderMap) -> Bytes {
    let length: usize = trailers.iter().map(|(name, value)| name.as_str().len() + value.len() + 3).sum();
    let mut frame = BytesMut::with_capacity(5 + length);
    frame.put_u8(TRAILERS);
    frame.put_u32(u32::try_from(length).expect("trailers are bounded by the header list limit"));
    for (name, value) in trailers {
        frame.put_slice(name.as_str().as_bytes());
        frame.put_u8(b':');
        frame.put_slice(value.as_bytes());
        frame.put_slice(b"\r\n");
    }
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http_body_util::{BodyExt as _, StreamBody};

    use super::*;

    async fn web(text: bool, frames: Vec<Frame<Bytes>>) -> Vec<u8> {
        let frames = futures_util::stream::iter(frames.into_iter().map(Ok::<_, BoxError>));
        let inner = StreamBody::new(frames).boxed_unsync();
        WebBody { inner, text, done: false }.collect().await.unwrap().to_bytes().to_vec()
    }

    fn message_and_trailers() -> Vec<Frame<Bytes>> {
        let mut trailers = HeaderMap::new();
        trailers.append("grpc-status", HeaderValue::from_static("0"));
        trailers.append("x-a", HeaderValue::from_static("1"));
        trailers.append("x-a", HeaderValue::from_static("2"));
        vec![Frame::data(Bytes::from_static(b"\0\0\0\0\x01m")), Frame::trailers(trailers)]
    }

    #[tokio::test]
    async fn trailers_become_the_last_frame() {
        let body = web(false, message_and_trailers()).await;
        assert_eq!(body, b"\0\0\0\0\x01m\x80\0\0\0\x1dgrpc-status:0\r\nx-a:1\r\nx-a:2\r\n");
    }

    #[tokio::test]
    async fn text_is_base64_piece_by_piece() {
        let text = web(true, message_and_trailers()).await;
        let mut decoder = super::super::base64_stream::Decoder::default();
        assert_eq!(decoder.decode(&text).unwrap(), web(false, message_and_trailers()).await);
    }
}
