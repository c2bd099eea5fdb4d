//! What a stream of HTTP/2 receives behind its HEADERS.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http::{HeaderMap, header::CONTENT_LENGTH};
use http_body::{Frame, SizeHint};
use tokio::sync::oneshot;

/// The body of a request.
#[derive(Debug)]
pub struct RecvBody {
    stream: RecvStream,
    /// Bytes that are to come; none if the client has not said.
    left: Option<u64>,
    is_data_over: bool,
    /// Told when the client should go on that waits to be asked.
    asked: Option<oneshot::Sender<()>>,
}

impl RecvBody {
    pub fn new(stream: RecvStream, headers: &HeaderMap, asked: Option<oneshot::Sender<()>>) -> Self {
        let left = if stream.is_end_stream() { Some(0) } else { content_length(headers) };
        Self { stream, left, is_data_over: false, asked }
    }

    pub fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let polled = self.poll_received(context);
        // Who has sent something does not wait.
        if let Some(asked) = self.asked.take()
            && polled.is_pending()
        {
            // Nobody listens: the answer has gone out meanwhile.
            let _ = asked.send(());
        }
        match polled {
            // The answer is whole, and the client was told that the rest is not needed (RFC 9113, 8.1).
            Poll::Ready(Some(Err(error))) if error.reason() == Some(Reason::NO_ERROR) => Poll::Ready(None),
            polled => polled,
        }
    }

    fn poll_received(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        if !self.is_data_over {
            if let Some(data) = ready!(self.stream.poll_data(context)?) {
                // Fails for more than was received only.
                let _ = self.stream.flow_control().release_capacity(data.len());
                let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
                self.left = self.left.map(|left| left.saturating_sub(length));
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            self.is_data_over = true;
        }
        self.stream
            .poll_trailers(context)
            .map(|trailers| trailers.transpose().map(|it| it.map(Frame::trailers)))
    }

    pub fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    pub fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What all `content-length` say; `h2` has refused one that is no number, and sees to it that the data are as long.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter().map(|value| value.to_str().ok()?.parse().ok());
    let first = lengths.next()??;
    lengths.all(|length| length == Some(first)).then_some(first)
}
