//! A request body that can be sent again while little of it has been sent.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::{BoxBody, BoxError};

/// What is kept of a body. A larger one is sent once: keeping it would cost memory for each call on its way.
const KEPT: usize = 64 * 1024;
/// In at most so many pieces: each holds on to the buffer that it was read into.
const KEPT_PIECES: usize = 64;

/// Whoever counts what is kept; dropped with it.
pub trait BufferQuota: std::fmt::Debug + Send {
    /// Reserves as many bytes; without, nothing is kept.
    fn reserve(&mut self, bytes: usize) -> bool;
}

/// A body and what was sent of it.
#[derive(Debug)]
pub struct RetryBuffer(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    rest: BoxBody,
    kept: Vec<Bytes>,
    quota: Option<Box<dyn BufferQuota>>,
    size: usize,
    /// More was sent than is kept.
    outgrown: bool,
    ended: bool,
    turn: usize,
}

/// One sending of a body.
#[derive(Debug)]
pub struct RetryBody {
    state: Arc<Mutex<State>>,
    turn: usize,
    next: usize,
}

impl RetryBuffer {
    /// A body of which nothing was sent.
    pub fn new(body: BoxBody) -> Self {
        Self::within(None, body)
    }

    /// The same, where what is kept counts.
    pub fn within(quota: Option<Box<dyn BufferQuota>>, body: BoxBody) -> Self {
        Self(Arc::new(Mutex::new(State {
            rest: body,
            kept: Vec::new(),
            quota,
            size: 0,
            outgrown: false,
            ended: false,
            turn: 0,
        })))
    }

    /// Whether it can be sent from its start.
    pub fn is_whole(&self) -> bool {
        !lock(&self.0).outgrown
    }

    /// The whole body from its start; a sending that still runs breaks off. None if it cannot be had again.
    pub fn start(&self) -> Option<RetryBody> {
        let mut state = lock(&self.0);
        if state.outgrown {
            return None;
        }
        state.turn += 1;
        Some(RetryBody { state: self.0.clone(), turn: state.turn, next: 0 })
    }
}

impl State {
    fn may_keep(&mut self, bytes: usize) -> bool {
        !self.outgrown
            && self.size + bytes <= KEPT
            && self.kept.len() < KEPT_PIECES
            && self.quota.as_mut().is_none_or(|quota| quota.reserve(bytes))
    }
}

impl Body for RetryBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let mut state = lock(&this.state);
        if state.turn != this.turn {
            return Poll::Ready(Some(Err("the request was sent again elsewhere".into())));
        }
        if let Some(data) = state.kept.get(this.next) {
            this.next += 1;
            return Poll::Ready(Some(Ok(Frame::data(data.clone()))));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        let Some(frame) = ready!(Pin::new(&mut state.rest).poll_frame(context)) else {
            state.ended = true;
            return Poll::Ready(None);
        };
        let frame = frame?;
        match frame.data_ref() {
            Some(data) if state.may_keep(data.len()) => {
                state.size += data.len();
                state.kept.push(data.clone());
                this.next += 1;
            }
            // Trailers of a request are rare enough to be sent once.
            _ => {
                state.outgrown = true;
                state.kept = Vec::new();
                state.quota = None;
            }
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        let state = lock(&self.state);
        self.next >= state.kept.len() && (state.ended || state.rest.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let state = lock(&self.state);
        if self.next == 0 && state.kept.is_empty() { state.rest.size_hint() } else { SizeHint::default() }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("a body that panicked is not polled again")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    fn body(frames: &[&'static [u8]]) -> BoxBody {
        let frames: Vec<Result<_, Infallible>> =
            frames.iter().map(|data| Ok(Frame::data(Bytes::from_static(data)))).collect();
        StreamBody::new(tokio_stream::iter(frames)).map_err(|never| match never {}).boxed_unsync()
    }

    async fn all(body: RetryBody) -> Bytes {
        body.collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn a_small_body_is_sent_again_whole_wherever_it_broke_off() {
        let buffer = RetryBuffer::new(body(&[b"ab", b"cd", b"ef"]));
        let mut first = buffer.start().unwrap();
        first.frame().await.unwrap().unwrap();
        first.frame().await.unwrap().unwrap();
        let second = buffer.start().unwrap();
        assert!(first.frame().await.unwrap().is_err(), "only one sending at a time");
        assert_eq!(all(second).await, "abcdef");
        assert_eq!(all(buffer.start().unwrap()).await, "abcdef");
    }

    #[derive(Debug)]
    struct Six(usize);

    impl BufferQuota for Six {
        fn reserve(&mut self, bytes: usize) -> bool {
            self.0 += bytes;
            self.0 <= 6
        }
    }

    #[tokio::test]
    async fn what_there_is_no_room_for_is_sent_once() {
        let buffer = RetryBuffer::within(Some(Box::new(Six(0))), body(&[b"abc", b"def", b"g"]));
        let mut first = buffer.start().unwrap();
        first.frame().await.unwrap().unwrap();
        first.frame().await.unwrap().unwrap();
        assert!(buffer.is_whole());
        first.frame().await.unwrap().unwrap();
        assert!(!buffer.is_whole() && buffer.start().is_none());
        let crumbs = RetryBuffer::new(body(&[b"a".as_slice(); KEPT_PIECES + 1]));
        assert_eq!(all(crumbs.start().unwrap()).await.len(), KEPT_PIECES + 1);
        assert!(!crumbs.is_whole());
    }

    #[tokio::test]
    async fn a_large_body_is_sent_once() {
        static LARGE: [u8; KEPT + 1] = [7; KEPT + 1];
        let buffer = RetryBuffer::new(body(&[b"ab", &LARGE, b"cd"]));
        assert_eq!(all(buffer.start().unwrap()).await.len(), LARGE.len() + 4);
        assert!(buffer.start().is_none());
    }

    #[tokio::test]
    async fn an_empty_body_ends_with_its_headers() {
        let buffer =
            RetryBuffer::new(http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync());
        assert!(buffer.start().unwrap().is_end_stream());
    }
}
