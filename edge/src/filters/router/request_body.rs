//! Tells a request that breaks off from an upstream that does: both end the sending of its body.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;

use crate::http::{Body, BoxError};

/// Whether a body broke off: the client, not the upstream, is at fault.
#[derive(Clone, Default)]
pub struct ClientAbort(Option<Arc<AtomicBool>>);

impl ClientAbort {
    pub fn happened(&self) -> bool {
        self.0.as_ref().is_some_and(|happened| happened.load(Ordering::Relaxed))
    }
}

/// A request's body on its way to the upstream.
pub struct RequestBody {
    inner: Body,
    client_abort: Arc<AtomicBool>,
}

impl RequestBody {
    /// The same body, and whether it breaks off.
    pub fn watch(inner: Body) -> (Body, ClientAbort) {
        let client_abort = Arc::new(AtomicBool::new(false));
        (Self { inner, client_abort: client_abort.clone() }.boxed_unsync(), ClientAbort(Some(client_abort)))
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Err(_))) = polled {
            self.client_abort.store(true, Ordering::Relaxed);
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
