//! `request_timeout`: how long a request may take to arrive whole; and clients that wait to be asked for their body.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Version;
use http::header::EXPECT;
use http_body::{Body as _, Frame, SizeHint};

use crate::filters::{Body, BoxError, Request};

/// A client that waits for 100 (Continue) sends its body after a while all the same (RFC 9110 section 10.1.1); most do after 1 s.
const WAIT_FOR_CONTINUE: Duration = Duration::from_secs(2);

/// Something of the body has come.
const BEGUN: u8 = 1;
/// All of it has, or nobody waits for the rest any more.
const OVER: u8 = 2;

/// How far a request has come.
#[derive(Clone, Default)]
pub struct Upload(Arc<AtomicU8>);

impl Upload {
    /// Notes how far `body` comes.
    pub fn watch(&self, body: Body) -> UploadBody {
        // Nobody reads a body that is none.
        if body.is_end_stream() {
            self.reach(OVER);
        }
        UploadBody { inner: body, upload: self.clone() }
    }

    /// Returns if the request is still on its way after `timeout`; otherwise never.
    pub async fn overdue(&self, timeout: Option<Duration>) {
        self.behind(OVER, timeout).await;
    }

    /// Returns if a client wants to be told to go on, and sends nothing until then; otherwise never.
    pub async fn withheld(&self, expects_continue: bool) {
        self.behind(BEGUN, expects_continue.then_some(WAIT_FOR_CONTINUE)).await;
    }

    async fn behind(&self, point: u8, timeout: Option<Duration>) {
        if let Some(timeout) = timeout {
            tokio::time::sleep(timeout).await;
            if self.0.load(Ordering::Relaxed) < point {
                return;
            }
        }
        std::future::pending().await
    }

    fn reach(&self, point: u8) {
        self.0.fetch_max(point, Ordering::Relaxed);
    }
}

/// Whether a request waits for a 100 (Continue) that does not come: over HTTP/1.1 hyper sends one when the body is read, over HTTP/2 it
/// cannot.
pub fn waits_in_vain(request: &Request) -> bool {
    let expects = |value: &http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    request.version() == Version::HTTP_2 && request.headers().get(EXPECT).is_some_and(expects)
}

/// A body whose way is noted.
pub struct UploadBody {
    inner: Body,
    upload: Upload,
}

impl http_body::Body for UploadBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) || self.inner.is_end_stream() {
            self.upload.reach(OVER);
        } else if polled.is_ready() {
            self.upload.reach(BEGUN);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for UploadBody {
    fn drop(&mut self) {
        self.upload.reach(OVER);
    }
}
