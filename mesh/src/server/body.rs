//! Bodies of a call at the server: requests limited in size, responses run as a part of their call.

use crate::{
    context::{self, RequestContext},
    watched::trailers,
};
use bytes::Bytes;
use http_body::{Body, Frame};
use shopmesh_proto::status::error;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tonic::{Code, Status, body::Body as AnyBody};

/// A request body that refuses to grow past a limit.
pub struct Limited<B> {
    body: Pin<Box<B>>,
    left: usize,
    begun: bool,
}

impl<B> Limited<B> {
    pub fn new(body: B, limit: usize) -> Self {
        Self { body: Box::pin(body), left: limit, begun: false }
    }

    /// Takes a piece off what is left; false if it is too much. The first begins with a flag and the length of the message
    /// (gRPC over HTTP/2), which is believed at once: tonic's decoder would do so too, and answer OUT_OF_RANGE.
    fn take(&mut self, piece: &[u8]) -> bool {
        let announced = match piece.first_chunk() {
            Some([_, a, b, c, d]) if !self.begun => u32::from_be_bytes([*a, *b, *c, *d]),
            _ => 0,
        };
        self.begun = true;
        let most = usize::try_from(announced).unwrap_or(usize::MAX).max(piece.len());
        let fits = most <= self.left;
        self.left = self.left.saturating_sub(piece.len());
        fits
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
        let frame = match ready!(self.body.as_mut().poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(broken)) => return Poll::Ready(Some(Err(Status::from_error(broken.into())))),
            None => return Poll::Ready(None),
        };
        if frame.data_ref().is_some_and(|piece| !self.take(piece)) {
            let problem = "the request is larger than this method takes";
            return Poll::Ready(Some(Err(error(Code::ResourceExhausted, "REQUEST_TOO_LARGE", problem))));
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

/// A response body that sees its call's context, and whose panic ends the call and not the connection.
pub struct InCall {
    body: AnyBody,
    context: RequestContext,
    path: &'static str,
    over: bool,
}

impl InCall {
    pub fn new(body: AnyBody, context: RequestContext, path: &'static str) -> Self {
        Self { body, context, path, over: false }
    }
}

impl Body for InCall {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if this.over {
            return Poll::Ready(None);
        }
        let InCall { body, context, path, over } = this;
        let poll = AssertUnwindSafe(|| context::enter(context, || Pin::new(body).poll_frame(task)));
        catch_unwind(poll).unwrap_or_else(|cause| {
            *over = true;
            Poll::Ready(Some(Ok(trailers(&super::run::panicked(path, cause.as_ref())))))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.body.is_end_stream()
    }
}
