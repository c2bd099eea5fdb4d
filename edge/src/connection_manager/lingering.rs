//! `delayed_close_timeout`: an answer that comes before the request has ended must not be lost.
//!
//! A connection that is closed with unread bytes is reset, and the reset may reach the client before it has read the answer, such as the
//! 413 for what it is still sending (RFC 9112, section 9.6). So what nobody reads any more is read and thrown away for a while.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use shopmesh_net::RequestBody;

use crate::http::BoxError;

/// The body of an HTTP/1 request; when dropped before its end, the rest is read for as long as `timeout`.
pub struct LingeringBody {
    inner: Option<RequestBody>,
    timeout: Duration,
}

impl LingeringBody {
    pub fn new(inner: RequestBody, timeout: Duration) -> Self {
        Self { inner: Some(inner), timeout }
    }
}

impl Body for LingeringBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let polled = Pin::new(inner).poll_frame(cx);
        match polled {
            // Trailers of HTTP/1 are not passed on, as in Envoy: they may hold what no header of HTTP/2 may.
            Poll::Ready(Some(Ok(frame))) if frame.is_trailers() => {
                self.inner = None;
                Poll::Ready(None)
            }
            Poll::Ready(None | Some(Err(_))) => {
                self.inner = None;
                polled
            }
            _ => polled,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for LingeringBody {
    fn drop(&mut self) {
        let Some(mut rest) = self.inner.take().filter(|inner| !inner.is_end_stream()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let timeout = self.timeout;
            runtime.spawn(async move {
                let discard = async { while let Some(Ok(_)) = rest.frame().await {} };
                // In either case the connection goes on or ends by itself.
                let _ = tokio::time::timeout(timeout, discard).await;
            });
        }
    }
}
