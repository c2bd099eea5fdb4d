//! The body of a request, whichever version of HTTP it comes by.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::{BoxError, http2::RecvBody};

/// What a client sends behind the head of its request. A client that waits to be asked for it (`Expect: 100-continue`, RFC 9110,
/// 10.1.1) is asked when this is first polled.
///
/// # Errors
/// Those of `hyper` over HTTP/1.1, of `h2` over HTTP/2.
#[derive(Debug)]
pub struct RequestBody(Kind);

#[derive(Debug)]
enum Kind {
    Http1(Incoming),
    Http2(RecvBody),
}

impl From<Incoming> for RequestBody {
    fn from(body: Incoming) -> Self {
        Self(Kind::Http1(body))
    }
}

impl From<RecvBody> for RequestBody {
    fn from(body: RecvBody) -> Self {
        Self(Kind::Http2(body))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(match &mut self.0 {
            Kind::Http1(body) => ready!(Pin::new(body).poll_frame(context)).map(|frame| Ok(frame?)),
            Kind::Http2(body) => ready!(body.poll_frame(context)).map(|frame| Ok(frame?)),
        })
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Http1(body) => body.is_end_stream(),
            Kind::Http2(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Http1(body) => body.size_hint(),
            Kind::Http2(body) => body.size_hint(),
        }
    }
}
