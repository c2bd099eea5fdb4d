//! `request_timeout`: how long a request may take to arrive whole.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;

use crate::http::{Body, BoxError, LocalReply, code};

/// The same body, and what to answer if not all of it comes within `timeout`; without one it is waited for for ever.
pub fn watch(timeout: Option<Duration>, body: Body) -> (Body, impl Future<Output = LocalReply>) {
    let watched =
        timeout.filter(|_| !body.is_end_stream()).map(|timeout| (timeout, Arc::<AtomicBool>::default()));
    let body = match &watched {
        Some((_, over)) => UploadBody { inner: body, over: over.clone() }.boxed_unsync(),
        None => body,
    };
    let overdue = async move {
        if let Some((timeout, over)) = watched {
            tokio::time::sleep(timeout).await;
            if !over.load(Ordering::Relaxed) {
                return LocalReply::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "request_overall_timeout",
                    "request timeout",
                )
                .with_code(code::DEADLINE_EXCEEDED);
            }
        }
        std::future::pending().await
    };
    (body, overdue)
}

/// A body whose end is noted.
pub struct UploadBody {
    inner: Body,
    /// All of it has come, or nobody waits for the rest any more.
    over: Arc<AtomicBool>,
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
            self.over.store(true, Ordering::Relaxed);
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
        self.over.store(true, Ordering::Relaxed);
    }
}
