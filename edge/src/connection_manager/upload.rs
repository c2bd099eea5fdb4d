//! `request_timeout`: how long a request may take to arrive whole; and clients that wait to be asked for their body.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{HeaderValue, StatusCode, Version, request};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;

use crate::filters::{Body, BoxError, LocalReply, code};

/// A client that waits for 100 (Continue) sends its body after a while all the same (RFC 9110 section 10.1.1); most do after 1 s.
const WAIT_FOR_CONTINUE: Duration = Duration::from_secs(2);

/// Something of the body has come.
const BEGUN: u8 = 1;
/// All of it has, or nobody waits for the rest any more.
const OVER: u8 = 2;

/// How long a request is waited for until it is answered.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// All of it; none is for ever.
    pub whole: Option<Duration>,
    /// Its client waits for what does not come.
    pub waits_in_vain: bool,
}

/// Whether a request waits for a 100 (Continue) that does not come: over HTTP/1.1 hyper sends one when the body is read, over HTTP/2 it
/// cannot.
pub fn waits_in_vain(head: &request::Parts) -> bool {
    let expects = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    head.version == Version::HTTP_2 && head.headers.get(EXPECT).is_some_and(expects)
}

impl Patience {
    /// The same body, and what to answer if it is waited for too long.
    pub fn watch(self, body: Body) -> (Body, impl Future<Output = LocalReply>) {
        let is_watched = (self.whole.is_some() || self.waits_in_vain) && !body.is_end_stream();
        let come = is_watched.then(Arc::<AtomicU8>::default);
        let body = match &come {
            Some(come) => UploadBody { inner: body, come: come.clone() }.boxed_unsync(),
            None => body,
        };
        let overdue = async move {
            let Some(come) = come else { return std::future::pending().await };
            let withheld = self.waits_in_vain.then_some(WAIT_FOR_CONTINUE);
            tokio::select! {
                () = behind(&come, OVER, self.whole) => {
                    LocalReply::new(StatusCode::REQUEST_TIMEOUT, "request_overall_timeout", "request timeout")
                        .with_code(code::DEADLINE_EXCEEDED)
                }
                () = behind(&come, BEGUN, withheld) => {
                    let message = "send the body without waiting for 100 (Continue), which does not come over HTTP/2";
                    LocalReply::new(StatusCode::EXPECTATION_FAILED, "expectation_failed", message)
                        .with_code(code::INVALID_ARGUMENT)
                }
            }
        };
        (body, overdue)
    }
}

/// Returns if so much has not come in time; otherwise never.
async fn behind(come: &AtomicU8, point: u8, timeout: Option<Duration>) {
    if let Some(timeout) = timeout {
        tokio::time::sleep(timeout).await;
        if come.load(Ordering::Relaxed) < point {
            return;
        }
    }
    std::future::pending().await
}

/// A body whose way is noted.
pub struct UploadBody {
    inner: Body,
    come: Arc<AtomicU8>,
}

impl UploadBody {
    fn reach(&self, point: u8) {
        self.come.fetch_max(point, Ordering::Relaxed);
    }
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
            self.reach(OVER);
        } else if polled.is_ready() {
            self.reach(BEGUN);
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
        self.reach(OVER);
    }
}
