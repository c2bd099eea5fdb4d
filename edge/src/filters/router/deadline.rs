//! The time that a route gives an exchange. Edge and upstream both watch it: whichever notices first, the client is told the same.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::http::{Body, BoxError, code};

/// How much longer the edge waits than it tells the upstream, whose own answer says more.
const MARGIN: Duration = Duration::from_millis(5);
/// How much too early the timer of an upstream may ring: many count whole milliseconds.
const COARSENESS: Duration = Duration::from_millis(2);
const MESSAGE: &str = "upstream response timeout";

/// When an exchange must be over, as the upstream is told.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// None for a limit beyond all time.
    pub fn after(start: Instant, limit: Duration) -> Option<Self> {
        start.checked_add(limit).map(Self)
    }

    /// Until when the edge itself waits.
    pub fn edge_limit(self) -> Instant {
        self.0 + MARGIN
    }

    /// Whether a call that breaks off now broke off because its time is over.
    pub fn is_reached(self) -> bool {
        Instant::now() + COARSENESS >= self.0
    }

    /// Whether this status is an upstream's way to say so: some call a handler that is out of time cancelled (tonic does).
    pub fn explains(self, status: &HeaderMap) -> bool {
        status.get("grpc-status").is_some_and(|code| code == "1") && self.is_reached()
    }
}

/// An answer with a deadline. One of gRPC ends with DEADLINE_EXCEEDED trailers, any other is cut off.
pub struct DeadlineBody {
    inner: Option<Body>,
    deadline: Deadline,
    sleep: Pin<Box<Sleep>>,
    grpc: bool,
}

impl DeadlineBody {
    pub fn new(inner: Body, deadline: Deadline, grpc: bool) -> Self {
        let sleep = Box::pin(tokio::time::sleep_until(deadline.edge_limit()));
        Self { inner: Some(inner), deadline, sleep, grpc }
    }

    /// Whether the inner body has come to an end that only the deadline explains.
    fn is_cut(&self, frame: Option<&Result<Frame<Bytes>, BoxError>>) -> bool {
        match frame {
            Some(Ok(frame)) => frame.trailers_ref().is_some_and(|status| self.deadline.explains(status)),
            Some(Err(_)) | None => self.deadline.is_reached(),
        }
    }

    /// Ends the answer; dropping the inner body resets the stream at the upstream.
    fn end(&mut self) -> Result<Frame<Bytes>, BoxError> {
        self.inner = None;
        if !self.grpc {
            return Err(MESSAGE.into());
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from(code::DEADLINE_EXCEEDED));
        trailers.insert("grpc-message", HeaderValue::from_static(MESSAGE));
        Ok(Frame::trailers(trailers))
    }
}

impl http_body::Body for DeadlineBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let Some(inner) = &mut this.inner else { return Poll::Ready(None) };
        // First, since an answer that always has more would never be pending.
        if this.sleep.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(this.end()));
        }
        let frame = std::task::ready!(Pin::new(inner).poll_frame(cx));
        if this.grpc && this.is_cut(frame.as_ref()) {
            return Poll::Ready(Some(this.end()));
        }
        if !matches!(&frame, Some(Ok(frame)) if frame.is_data()) {
            this.inner = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map(|inner| inner.size_hint()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt as _, StreamBody};

    use super::*;

    /// How an answer of one frame ends whose deadline is so far away.
    async fn end(frame: Result<Frame<Bytes>, BoxError>, left: Duration) -> Result<HeaderMap, BoxError> {
        let body = StreamBody::new(futures_util::stream::iter([frame])).boxed_unsync();
        let deadline = Deadline::after(Instant::now(), left).unwrap();
        let end = DeadlineBody::new(body, deadline, true).frame().await.unwrap()?;
        Ok(end.into_trailers().unwrap())
    }

    fn status(code: &'static str) -> Result<Frame<Bytes>, BoxError> {
        Ok(Frame::trailers(HeaderMap::from_iter([("grpc-status".parse()?, HeaderValue::from_static(code))])))
    }

    #[tokio::test(start_paused = true)]
    async fn an_upstream_that_notices_first_means_the_deadline() {
        let long = Duration::from_secs(1);
        for left in [Duration::ZERO, COARSENESS] {
            assert_eq!(end(status("1"), left).await.unwrap()["grpc-status"], "4");
            assert_eq!(end(Err("reset".into()), left).await.unwrap()["grpc-status"], "4");
        }
        assert_eq!(end(status("5"), Duration::ZERO).await.unwrap()["grpc-status"], "5");
        assert_eq!(end(status("1"), long).await.unwrap()["grpc-status"], "1");
        assert!(end(Err("reset".into()), long).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_always_has_more_ends_too() {
        let more = futures_util::stream::repeat_with(|| Ok(Frame::data(Bytes::from_static(b"more"))));
        let deadline = Deadline::after(Instant::now(), Duration::ZERO).unwrap();
        let mut body = DeadlineBody::new(StreamBody::new(more).boxed_unsync(), deadline, true);
        tokio::time::advance(MARGIN * 2).await;
        assert!(body.frame().await.unwrap().unwrap().is_trailers());
        assert!(body.frame().await.is_none());
    }
}
