//! A request runs until its answer has been sent.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};

use super::lifetime::ActiveRequest;

/// An answer, and then its body, that keeps its request running until it is sent or dropped.
pub struct ActiveResponse<T> {
    pub answer: Pin<Box<T>>,
    pub running: Option<ActiveRequest>,
}

impl<F, B> Future for ActiveResponse<F>
where
    F: Future<Output = Response<B>>,
{
    type Output = Response<ActiveResponse<B>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response<ActiveResponse<B>>> {
        let response = ready!(self.answer.as_mut().poll(context));
        let running = self.running.take();
        Poll::Ready(response.map(|body| ActiveResponse { answer: Box::pin(body), running }))
    }
}

impl<B: Body<Data = Bytes>> Body for ActiveResponse<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.answer.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.answer.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.answer.size_hint()
    }
}
