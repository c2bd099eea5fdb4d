//! The server's side of an HTTP/2 connection, over the `h2` crate. hyper's has no way to send 100 (Continue), for which clients wait
//! that say `Expect: 100-continue`.

mod date;
mod keep_alive;
mod recv_body;
mod responder;
#[cfg(test)]
mod tests;

pub use recv_body::RecvBody;

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{
    Reason, RecvStream,
    server::{Builder, Connection, Handshake, SendResponse},
};
use http::{HeaderMap, Method, Request, Response, header::EXPECT};
use http_body::Body;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::oneshot,
};

use super::{
    BoxError, lifetime::ConnectionLifetime, limits, listener_limits::ListenerLimits,
    request_body::RequestBody,
};
use keep_alive::KeepAlive;
use responder::Responder;

/// A connection; resolves when it has ended. Dropping it ends it, and all that runs on it.
pub struct Http2<S, H> {
    state: State<S>,
    handle: H,
    lifetime: Arc<ConnectionLifetime>,
    is_ending: bool,
}

enum State<S> {
    Handshake(Handshake<S, Bytes>),
    Open(Connection<S, Bytes>, KeepAlive),
}

impl<S, H> Http2<S, H>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// `handle` is called once per request; what it returns runs as a task of its own.
    pub fn new(stream: S, limits: ListenerLimits, lifetime: Arc<ConnectionLifetime>, handle: H) -> Self {
        let state = State::Handshake(builder(limits).handshake(stream));
        Self { state, handle, lifetime, is_ending: false }
    }

    /// Has the client told to ask for nothing more; what runs goes on.
    pub fn graceful_shutdown(&mut self) {
        self.is_ending = true;
        if let State::Open(connection, _) = &mut self.state {
            connection.graceful_shutdown();
        }
    }
}

impl<S, H, F, B> Future for Http2<S, H>
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: FnMut(Request<RequestBody>) -> F + Unpin,
    F: Future<Output = Response<B>> + Unpin + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<(), BoxError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Handshake(handshake) => {
                    let mut connection = ready!(Pin::new(handshake).poll(context))?;
                    let pings = connection.ping_pong().ok_or("pings are taken once")?;
                    if this.is_ending {
                        connection.graceful_shutdown();
                    }
                    this.state = State::Open(connection, KeepAlive::new(pings, this.lifetime.clone()));
                }
                State::Open(connection, keep_alive) => {
                    if keep_alive.poll_gone(context).is_ready() {
                        connection.abrupt_shutdown(Reason::NO_ERROR);
                        // What can be sent is; who is gone is not waited for.
                        let _ = connection.poll_closed(context);
                        return Poll::Ready(Err(io::Error::from(io::ErrorKind::TimedOut).into()));
                    }
                    match ready!(connection.poll_accept(context)?) {
                        Some((request, reply)) => begin(&mut this.handle, request, reply),
                        None => return Poll::Ready(Ok(())),
                    }
                }
            }
        }
    }
}

fn begin<F, B>(
    handle: &mut impl FnMut(Request<RequestBody>) -> F,
    request: Request<RecvStream>,
    reply: SendResponse<Bytes>,
) where
    F: Future<Output = Response<B>> + Unpin + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    let is_head = request.method() == Method::HEAD;
    let (head, stream) = request.into_parts();
    let (asks, wants_body) = (!stream.is_end_stream() && waits_to_be_asked(&head.headers))
        .then(oneshot::channel)
        .map_or((None, None), |(asks, wants_body)| (Some(asks), Some(wants_body)));
    let body = RecvBody::new(stream, &head.headers, asks);
    let answer = handle(Request::from_parts(head, body.into()));
    tokio::spawn(Responder { reply, is_head, wants_body }.answer(answer));
}

/// Whether a client sends its body only when it is asked for (RFC 9110, 10.1.1).
fn waits_to_be_asked(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// What is not set here is right as `h2` has it: streams that it has reset itself are known for a second, 50 at most; DATA frames
/// may take half of the connection's window in overhead; 400 KiB are held of an answer for which there is room in the windows.
fn builder(limits: ListenerLimits) -> Builder {
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_list)
        .max_pending_accept_reset_streams(limits.pending_resets)
        .max_local_error_reset_streams(limits.local_resets)
        .initial_window_size(limits.stream_window)
        .initial_connection_window_size(limits.connection_window)
        .max_send_buffer_size(limits::SEND_BUFFER);
    builder
}
