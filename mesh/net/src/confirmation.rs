//! The first bytes of a server. Under TLS 1.3 a client is done with the handshake before the server has looked at its
//! certificate: only what the server says next tells whether it was accepted (RFC 8446, 4.4.2.4 and 6.2).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
};

use super::BoxError;

/// A stream that tells about its first read.
pub struct ConfirmingStream<S> {
    stream: S,
    confirmation: Option<oneshot::Sender<Result<(), String>>>,
}

/// Resolves with the first read.
pub struct HandshakeConfirmation(oneshot::Receiver<Result<(), String>>);

impl<S> ConfirmingStream<S> {
    /// Watches `stream`.
    pub fn new(stream: S) -> (Self, HandshakeConfirmation) {
        let (sender, receiver) = oneshot::channel();
        (Self { stream, confirmation: Some(sender) }, HandshakeConfirmation(receiver))
    }
}

impl HandshakeConfirmation {
    /// Waits until the server has said something; an error if it hung up instead.
    pub async fn received(self) -> Result<(), BoxError> {
        match self.0.await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err("the connection ended before the server said anything".into()),
        }
    }
}

fn refusal(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::AlertReceived(alert)) => format!("the server refused our certificate: {alert:?}"),
        _ => format!("the server hung up, perhaps on our certificate: {error}"),
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ConfirmingStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        if let Some(confirmation) = self.confirmation.take() {
            let outcome = match &read {
                Ok(()) if buffer.filled().len() > before => Ok(()),
                Ok(()) => Err(refusal(&io::ErrorKind::UnexpectedEof.into())),
                Err(error) => Err(refusal(error)),
            };
            // Nobody listens any more when connecting took too long.
            let _ = confirmation.send(outcome);
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ConfirmingStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
