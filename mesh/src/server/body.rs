//! Bodies of a call at the server: requests limited in size, responses run as a part of their call.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame};
use shopmesh_proto::status::error;
use tonic::{Code, Status, body::Body as AnyBody};

use crate::{
    context::{self, RequestContext},
    observed_body::trailers,
};

/// Flag and length in front of a message (gRPC over HTTP/2, "Length-Prefixed-Message").
const PREFIX: usize = 5;

/// The request body of a method that takes one message: it holds exactly that, and not more bytes than a limit.
pub struct OneMessage<B> {
    body: Pin<Box<B>>,
    /// Bytes that the body may still have.
    left: usize,
    prefix: [u8; PREFIX],
    /// Bytes of `prefix` that are there.
    known: usize,
    /// Bytes of the message that are to come.
    missing: usize,
    over: bool,
}

impl<B> OneMessage<B> {
    pub fn new(body: B, limit: usize) -> Self {
        Self { body: Box::pin(body), left: limit, prefix: [0; PREFIX], known: 0, missing: 0, over: false }
    }

    /// Takes the next piece. The announced length is believed at once: tonic's decoder would do so too, and answer
    /// OUT_OF_RANGE.
    fn take(&mut self, piece: &[u8]) -> Result<(), Status> {
        let (prefix, message) = piece.split_at(piece.len().min(PREFIX - self.known));
        self.prefix[self.known..self.known + prefix.len()].copy_from_slice(prefix);
        self.known += prefix.len();
        if !prefix.is_empty() && self.known == PREFIX {
            let [_, a, b, c, d] = self.prefix;
            self.missing = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        }
        if self.missing.max(piece.len()) > self.left {
            let problem = "the request is larger than this method takes";
            return Err(error(Code::ResourceExhausted, "REQUEST_TOO_LARGE", problem));
        }
        self.left -= piece.len();
        // The code is gRPC's own for it (statuscodes.md, "cardinality violation").
        self.missing = self.missing.checked_sub(message.len()).ok_or_else(|| {
            let problem = "this method takes one message, and the request has more than that";
            error(Code::Unimplemented, "REQUEST_CARDINALITY", problem)
        })?;
        Ok(())
    }

    /// What is said when the body ends here.
    fn end(&self) -> Result<(), Status> {
        if self.known == 0 {
            let problem = "this method takes one message, and the request has none";
            return Err(error(Code::Unimplemented, "REQUEST_CARDINALITY", problem));
        }
        if self.known < PREFIX || self.missing > 0 {
            let problem = "the request ends within its message";
            return Err(error(Code::Internal, "REQUEST_TRUNCATED", problem));
        }
        Ok(())
    }
}

impl<B> Body for OneMessage<B>
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
        if self.over {
            return Poll::Ready(None);
        }
        let frame = match ready!(self.body.as_mut().poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(broken)) => return Poll::Ready(Some(Err(Status::from_error(broken.into())))),
            None => {
                self.over = true;
                return Poll::Ready(self.end().err().map(Err));
            }
        };
        let checked = match frame.data_ref() {
            Some(piece) => self.take(piece),
            // Trailers.
            None => self.end(),
        };
        Poll::Ready(Some(checked.map(|()| frame)))
    }

    /// Not before the end was looked at: who believes an empty body never polls it.
    fn is_end_stream(&self) -> bool {
        self.over
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
