//! Bodies with a limit: requests in size, responses in time.

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Code, Status};

/// A request body that refuses to grow past a limit.
pub struct Limited<B> {
    body: Pin<Box<B>>,
    left: usize,
}

impl<B> Limited<B> {
    pub fn new(body: B, limit: usize) -> Self {
        Self { body: Box::pin(body), left: limit }
    }
}

impl<B> Body for Limited<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<crate::net::BoxError>,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = match std::task::ready!(self.body.as_mut().poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(Status::from_error(error.into())))),
            None => return Poll::Ready(None),
        };
        let size = frame.data_ref().map_or(0, Bytes::len);
        let Some(left) = self.left.checked_sub(size) else {
            return Poll::Ready(Some(Err(Status::resource_exhausted(
                "the request is larger than this method takes",
            ))));
        };
        self.left = left;
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

/// A response body that ends with DEADLINE_EXCEEDED when its time is over, and tells how it ended.
pub struct Watched<B, F: FnOnce(Code)> {
    body: Pin<Box<B>>,
    deadline: Pin<Box<Sleep>>,
    finished: Option<F>,
    over: bool,
}

impl<B, F: FnOnce(Code)> Watched<B, F> {
    pub fn new(body: B, deadline: Instant, finished: F) -> Self {
        Self {
            body: Box::pin(body),
            deadline: Box::pin(sleep_until(deadline)),
            finished: Some(finished),
            over: false,
        }
    }

    fn finish(&mut self, code: Code) {
        if let Some(finished) = self.finished.take() {
            finished(code);
        }
    }
}

impl<B, F> Body for Watched<B, F>
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
        match self.body.as_mut().poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    let code = code_of(trailers);
                    self.finish(code);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(end) => {
                self.finish(if end.is_none() { Code::Ok } else { Code::Internal });
                Poll::Ready(end)
            }
            Poll::Pending if self.deadline.as_mut().poll(context).is_ready() => {
                self.over = true;
                self.finish(Code::DeadlineExceeded);
                let mut trailers = HeaderMap::new();
                let status = Status::deadline_exceeded("the call's time is over");
                // A plain status always fits into headers.
                let _ = status.add_header(&mut trailers);
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.body.is_end_stream()
    }
}

impl<B, F: FnOnce(Code)> Drop for Watched<B, F> {
    fn drop(&mut self) {
        // Dropped before its end: the client went away.
        self.finish(Code::Cancelled);
    }
}

/// The code in trailers or in the headers of a trailers-only answer; OK when there is none.
pub fn code_of(headers: &HeaderMap) -> Code {
    headers.get("grpc-status").map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}
