//! Ends an answer that is still streaming when the route's time is up.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::filters::{Body, BoxError, code};

/// A body with a deadline. A gRPC answer ends with DEADLINE_EXCEEDED trailers, any other is cut off.
pub struct DeadlineBody {
    inner: Option<Body>,
    sleep: Pin<Box<Sleep>>,
    grpc: bool,
}

impl DeadlineBody {
    pub fn new(inner: Body, deadline: Instant, grpc: bool) -> Self {
        Self { inner: Some(inner), sleep: Box::pin(tokio::time::sleep_until(deadline)), grpc }
    }
}

impl http_body::Body for DeadlineBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(inner).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        if self.sleep.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        // Dropping the body resets the stream at the upstream.
        self.inner = None;
        if !self.grpc {
            return Poll::Ready(Some(Err("upstream response timeout".into())));
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from(code::DEADLINE_EXCEEDED));
        trailers.insert("grpc-message", HeaderValue::from_static("upstream response timeout"));
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map(|inner| inner.size_hint()).unwrap_or_default()
    }
}
