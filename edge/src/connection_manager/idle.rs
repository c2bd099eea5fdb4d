//! `stream_idle_timeout`: ends an exchange in which neither side has sent anything for too long.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::http::{Body, BoxError};

/// When an exchange last moved; shared by its request and its answer.
#[derive(Clone)]
pub struct Activity {
    start: Instant,
    /// Milliseconds from `start`.
    last: Arc<AtomicU64>,
    timeout: Duration,
}

impl Activity {
    pub fn new(timeout: Duration) -> Self {
        Self { start: Instant::now(), last: Arc::default(), timeout }
    }

    fn touch(&self) {
        let elapsed = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
    }

    /// When the exchange will have been idle for too long, if nothing moves.
    fn deadline(&self) -> Instant {
        self.start + Duration::from_millis(self.last.load(Ordering::Relaxed)) + self.timeout
    }

    /// Returns once nothing has moved for the whole timeout.
    pub async fn idle(&self) {
        loop {
            let deadline = self.deadline();
            if deadline <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(deadline).await;
        }
    }

    /// Counts frames of `body` as activity; with `enforce` also ends it when the exchange is idle.
    pub fn watch(&self, body: Body, enforce: bool) -> WatchedBody {
        let sleep = enforce.then(|| Box::pin(tokio::time::sleep_until(self.deadline())));
        WatchedBody { inner: body, activity: self.clone(), sleep }
    }
}

/// A body whose frames are activity.
pub struct WatchedBody {
    inner: Body,
    activity: Activity,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for WatchedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            self.activity.touch();
            return Poll::Ready(frame);
        }
        let Self { activity, sleep: Some(sleep), .. } = &mut *self else { return Poll::Pending };
        while sleep.as_mut().poll(cx).is_ready() {
            let deadline = activity.deadline();
            if deadline <= Instant::now() {
                return Poll::Ready(Some(Err("stream idle timeout".into())));
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
