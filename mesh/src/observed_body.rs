//! A response body that ends when the call's time is over, and tells how the call ended. Both ends of a call use it.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use shopmesh_proto::status::error;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Code, Status};

/// What is said of a call whose deadline has passed: it may have done its work.
pub fn deadline_exceeded() -> Status {
    error(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the call's time is over")
}

/// Resolves with the status that a body ends with.
pub type Ended = Pin<Box<dyn Future<Output = Status> + Send>>;

/// Calls `finished` once, with the code of the trailers, DEADLINE_EXCEEDED, or CANCELLED when it is dropped before.
pub struct ObservedBody<B, F: FnOnce(Code)> {
    body: Pin<Box<B>>,
    deadline: Pin<Box<Sleep>>,
    /// Another reason to end.
    ended: Option<Ended>,
    finished: Option<F>,
    over: bool,
}

impl<B, F: FnOnce(Code)> ObservedBody<B, F> {
    pub fn new(body: B, deadline: Instant, finished: F) -> Self {
        let deadline = Box::pin(sleep_until(deadline));
        Self { body: Box::pin(body), deadline, ended: None, finished: Some(finished), over: false }
    }

    /// Ends when `ended` says so, too.
    pub fn until(mut self, ended: Option<Ended>) -> Self {
        self.ended = ended;
        self
    }

    /// The status to end with, if it is time.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Status> {
        if self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(deadline_exceeded());
        }
        self.ended.as_mut().map_or(Poll::Pending, |ended| ended.as_mut().poll(context))
    }

    fn finish(&mut self, code: Code) {
        if let Some(finished) = self.finished.take() {
            finished(code);
        }
    }
}

impl<B, F> Body for ObservedBody<B, F>
where
    B: Body<Data = Bytes, Error = Status>,
    F: FnOnce(Code) + Unpin,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.over {
            return Poll::Ready(None);
        }
        // First, since a body that always has more would never be pending.
        if let Poll::Ready(status) = self.poll_end(context) {
            self.over = true;
            self.finish(status.code());
            return Poll::Ready(Some(Ok(trailers(&status))));
        }
        let frame = std::task::ready!(self.body.as_mut().poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(code) = frame.trailers_ref().map(code_of) {
                    self.finish(code);
                }
            }
            Some(Err(status)) => {
                let code = status.code();
                self.finish(code);
            }
            None => self.finish(Code::Ok),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.body.is_end_stream()
    }
}

impl<B, F: FnOnce(Code)> Drop for ObservedBody<B, F> {
    fn drop(&mut self) {
        self.finish(Code::Cancelled);
    }
}

/// A status as the last frame of a body.
pub fn trailers(status: &Status) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    // A plain status always fits into headers.
    let _ = status.add_header(&mut trailers);
    Frame::trailers(trailers)
}

/// The code in trailers or in the headers of a trailers-only answer; OK when there is none.
pub fn code_of(headers: &HeaderMap) -> Code {
    headers.get("grpc-status").map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use http_body_util::BodyExt;
    use tonic::body::Body as AnyBody;

    use super::*;

    /// Sends forever.
    struct Endless;

    impl Body for Endless {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"more")))))
        }
    }

    fn watched(
        body: AnyBody,
        time: Duration,
    ) -> (ObservedBody<AnyBody, impl FnOnce(Code) + Unpin>, mpsc::Receiver<Code>) {
        let (sender, receiver) = mpsc::channel();
        let finished = move |code| {
            let _ = sender.send(code);
        };
        (ObservedBody::new(body, Instant::now() + time, finished), receiver)
    }

    #[tokio::test]
    async fn an_endless_body_ends_at_its_deadline() {
        let (mut body, codes) = watched(AnyBody::new(Endless), Duration::from_millis(20));
        let end = loop {
            let frame = body.frame().await.unwrap().unwrap();
            if frame.is_trailers() {
                break frame.into_trailers().unwrap();
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(code_of(&end), Code::DeadlineExceeded);
        assert!(body.frame().await.is_none());
        drop(body);
        assert_eq!(codes.iter().collect::<Vec<_>>(), [Code::DeadlineExceeded]);
    }

    #[tokio::test]
    async fn a_body_that_is_dropped_was_cancelled() {
        let (body, codes) = watched(AnyBody::new(Endless), Duration::from_secs(60));
        drop(body);
        assert_eq!(codes.recv().unwrap(), Code::Cancelled);
    }
}
