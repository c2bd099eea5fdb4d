//! What is read of a connection before hyper reads it: floods and ambiguities that hyper and h2 let through and have no
//! setting for. It looks at bytes in passing and keeps none. And what hyper answers by itself gets a body.

mod frames;
mod heads;
mod refusal;

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use super::{lifetime::ConnectionLifetime, limits};
use frames::{CONTINUATION_FLOOD, Frames};
use heads::{Heads, MALFORMED_HEAD};

/// How every connection of HTTP/2 begins (RFC 9113, 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream whose incoming bytes are noted and looked at.
pub struct Guarded<S> {
    stream: S,
    lifetime: Arc<ConnectionLifetime>,
    protocol: Protocol,
    /// Something was written and may not have left yet.
    unsent: bool,
    /// HTTP/1: requests that had begun when all answers had been given and had left.
    answered: u64,
    /// What is left of an answer in place of hyper's own.
    refusal: Bytes,
    /// HTTP/2: how long a client that floods, and reads nothing either, is waited for.
    close: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug)]
enum Protocol {
    /// So many bytes were those of the preface.
    Open(usize),
    Http1(Heads),
    Http2(Frames),
    /// Something was wrong; what the reader gets instead, and then nothing.
    Over {
        instead: &'static [u8],
        is_http1: bool,
    },
}

impl<S> Guarded<S> {
    pub fn new(stream: S, lifetime: Arc<ConnectionLifetime>) -> Self {
        let (protocol, refusal) = (Protocol::Open(0), Bytes::new());
        Self { stream, lifetime, protocol, unsent: false, answered: 0, refusal, close: None }
    }

    /// Tells whether more is known to come or to go.
    fn note_quiescence(&self) {
        let whole = match &self.protocol {
            Protocol::Http1(heads) if !self.unsent => heads.whole(),
            _ => None,
        };
        self.lifetime.note_whole(whole);
    }
}

impl Protocol {
    /// Reads on. Some if something is wrong: how many of `bytes` come before it.
    fn read(&mut self, bytes: &[u8], lifetime: &ConnectionLifetime) -> Option<usize> {
        let (cut, instead) = match self {
            Self::Open(known) => {
                let rest = &PREFACE[*known..];
                let same = bytes.iter().zip(rest).take_while(|(here, wanted)| here == wanted).count();
                if same == rest.len() {
                    *self = Self::Http2(Frames::new());
                } else if same == bytes.len() {
                    *known += same;
                    return None;
                } else {
                    let mut heads = Heads::new();
                    // It is well-formed as far as it goes.
                    heads.read(&PREFACE[..*known]);
                    *self = Self::Http1(heads);
                    return self.read(bytes, lifetime);
                }
                return self.read(&bytes[same..], lifetime).map(|cut| same + cut);
            }
            Self::Http1(heads) => (heads.read(bytes)?, MALFORMED_HEAD),
            Self::Http2(frames) => (frames.read(bytes, lifetime.requests())?, CONTINUATION_FLOOD),
            Self::Over { .. } => return Some(0),
        };
        *self = Self::Over { instead, is_http1: self.is_http1() };
        Some(cut)
    }

    fn is_http1(&self) -> bool {
        matches!(self, Self::Http1(_) | Self::Over { is_http1: true, .. })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        if !matches!(this.protocol, Protocol::Over { .. }) {
            ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
            let read = &buffer.filled()[before..];
            if !read.is_empty() {
                this.lifetime.note_received();
            }
            let cut = this.protocol.read(read, &this.lifetime);
            this.note_quiescence();
            let Some(cut) = cut else { return Poll::Ready(Ok(())) };
            if !this.protocol.is_http1() {
                this.close = Some(Box::pin(sleep(limits::DELAYED_CLOSE_TIMEOUT)));
            }
            buffer.set_filled(before + cut);
        }
        if let Protocol::Over { instead, .. } = &mut this.protocol {
            let (now, later) = instead.split_at(instead.len().min(buffer.remaining()));
            buffer.put_slice(now);
            *instead = later;
        }
        // Behind that the stream has ended. Not before the requests in front of it are answered: an end would look like a client
        // that went away; and who answered them comes back by itself.
        if buffer.filled().len() > before || self.lifetime.is_idle() {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }
}

impl<S: AsyncWrite + Unpin> Guarded<S> {
    /// Takes what hyper writes by itself, to answer it otherwise. What a service answers belongs to a request; when none has begun
    /// since all answers had left, what is written now is of no service, whatever it looks like.
    fn refuses(&mut self, written: impl FnOnce() -> Vec<u8>) -> bool {
        let is_unasked =
            self.protocol.is_http1() && !self.unsent && self.answered == self.lifetime.requests();
        if let Some(refusal) = is_unasked.then(written).and_then(|written| refusal::with_body(&written)) {
            self.refusal = refusal;
        }
        !self.refusal.is_empty()
    }

    /// Fails what has waited too long for a client that is to be told of its end.
    fn in_time<T>(&mut self, polled: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        match &mut self.close {
            Some(close) if polled.is_pending() => {
                ready!(close.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            _ => polled,
        }
    }

    fn sent(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let (Protocol::Http2(frames), Poll::Ready(Ok(bytes))) = (&mut self.protocol, &written) {
            frames.sent(*bytes);
        }
        self.unsent = true;
        self.note_quiescence();
        written
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.refuses(|| bytes.to_vec()) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        let written = self.in_time(written, context);
        self.sent(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.refuses(|| slices.iter().flat_map(|slice| slice.iter().copied()).collect()) {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        let written = self.in_time(written, context);
        self.sent(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while !this.refusal.is_empty() {
            let sent = ready!(Pin::new(&mut this.stream).poll_write(context, &this.refusal))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.refusal.advance(sent);
        }
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        ready!(self.in_time(flushed, context))?;
        self.unsent = false;
        if self.lifetime.is_idle() {
            self.answered = self.lifetime.requests();
        }
        self.note_quiescence();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(context))?;
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.in_time(shut, context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::{super::lifetime::ConnectionTimeouts, *};

    #[tokio::test]
    async fn only_what_no_request_asked_for_is_answered_otherwise() {
        const OWN: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        let lifetime = ConnectionLifetime::new(ConnectionTimeouts::default());
        let (near, mut far) = duplex(1 << 16);
        let mut guarded = Guarded::new(near, lifetime.clone());
        far.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        guarded.read_exact(&mut [0; 18]).await.unwrap();

        let running = lifetime.begin(true);
        guarded.write_all(OWN.as_bytes()).await.unwrap();
        guarded.flush().await.unwrap();
        // As a piece of a body that was given to the end.
        drop(running);
        guarded.write_all(OWN.as_bytes()).await.unwrap();
        guarded.write_all(OWN.as_bytes()).await.unwrap();
        guarded.flush().await.unwrap();
        let mut answered = vec![0; 3 * OWN.len()];
        far.read_exact(&mut answered).await.unwrap();
        assert_eq!(answered, OWN.repeat(3).as_bytes());

        guarded.write_all(OWN.as_bytes()).await.unwrap();
        guarded.shutdown().await.unwrap();
        drop(guarded);
        let mut refusal = Vec::new();
        far.read_to_end(&mut refusal).await.unwrap();
        assert_eq!(refusal, refusal::with_body(OWN.as_bytes()).unwrap());
    }
}
