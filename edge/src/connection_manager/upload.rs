//! `request_timeout`: how long a request may take to arrive whole.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

use crate::filters::{Body, BoxError};

/// Whether a request has arrived whole, or nobody waits for the rest of it any more.
#[derive(Clone, Default)]
pub struct Upload(Arc<AtomicBool>);

impl Upload {
    /// Notes the end of `body`.
    pub fn watch(&self, body: Body) -> UploadBody {
        // Nobody reads a body that is none.
        self.0.store(body.is_end_stream(), Ordering::Relaxed);
        UploadBody { inner: body, upload: self.clone() }
    }

    /// Returns if the request is still on its way after `timeout`; otherwise never.
    pub async fn overdue(self, timeout: Duration) {
        tokio::time::sleep(timeout).await;
        if self.0.load(Ordering::Relaxed) {
            std::future::pending().await
        }
    }
}

/// A body whose end is noted, however it ends.
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
            self.upload.0.store(true, Ordering::Relaxed);
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
        self.upload.0.store(true, Ordering::Relaxed);
    }
}
