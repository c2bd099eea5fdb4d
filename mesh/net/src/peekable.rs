//! A stream whose next bytes can be waited for, and looked at, before anybody makes room for them.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::guard::PREFACE;

pub struct PeekableStream<S> {
    stream: S,
    bytes: [u8; PREFACE.len()],
    /// Which of `bytes` have been seen and not yet been read.
    seen: std::ops::Range<usize>,
}

impl<S: AsyncRead + Unpin> PeekableStream<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, bytes: [0; PREFACE.len()], seen: 0..0 }
    }

    /// Waits until something comes.
    ///
    /// # Errors
    /// That of the stream, or that it has ended.
    pub async fn wait(&mut self) -> io::Result<()> {
        if self.seen.is_empty() {
            self.seen = 0..0;
            self.see().await?;
        }
        Ok(())
    }

    /// Whether a new connection begins as every one of HTTP/2 does.
    ///
    /// # Errors
    /// That of the stream, or that it has ended.
    pub async fn is_http2(&mut self) -> io::Result<bool> {
        while self.seen.len() < PREFACE.len() && PREFACE.starts_with(&self.bytes[self.seen.clone()]) {
            self.see().await?;
        }
        Ok(self.bytes[self.seen.clone()] == *PREFACE)
    }

    async fn see(&mut self) -> io::Result<()> {
        match self.stream.read(&mut self.bytes[self.seen.end..]).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            more => {
                self.seen.end += more;
                Ok(())
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PeekableStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.seen.is_empty() {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        let now = this.seen.len().min(buffer.remaining());
        buffer.put_slice(&this.bytes[this.seen.start..this.seen.start + now]);
        this.seen.start += now;
        // And on, if there is more: a reader that first gets a few bytes makes its buffer larger for the rest.
        if this.seen.is_empty() && buffer.remaining() > 0 {
            // An error shows again.
            let _ = Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PeekableStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
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

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;

    async fn peek(pieces: &[&str]) -> (io::Result<bool>, Vec<u8>) {
        let (near, mut far) = duplex(1024);
        let mut peeked = PeekableStream::new(near);
        let feed = async move {
            for piece in pieces {
                far.write_all(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        let (is_http2, ()) = tokio::join!(peeked.is_http2(), feed);
        let mut all = Vec::new();
        peeked.read_to_end(&mut all).await.unwrap();
        (is_http2, all)
    }

    #[tokio::test]
    async fn the_version_shows_and_nothing_is_lost() {
        for (pieces, is_http2) in [
            (&["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrest"][..], true),
            (&["PRI * HT", "TP/2.0\r\n\r\nSM\r\n", "\r\n", "rest"], true),
            (&["GET / HTTP/1.1\r\n\r\n"], false),
            (&["P", "OST / HTTP/1.1\r\n\r\n"], false),
            (&["PRI * HTTP/1.1\r\n", "\r\n"], false),
        ] {
            let (seen, all) = peek(pieces).await;
            assert_eq!(
                (seen.unwrap(), String::from_utf8(all).unwrap()),
                (is_http2, pieces.concat()),
                "{pieces:?}"
            );
        }
        assert!(peek(&["PRI"]).await.0.is_err());
    }

    #[tokio::test]
    async fn what_was_waited_for_is_read_with_what_follows() {
        let (near, mut far) = duplex(1024);
        let mut peeked = PeekableStream::new(near);
        far.write_all(&[b'x'; 100]).await.unwrap();
        peeked.wait().await.unwrap();
        peeked.wait().await.unwrap();
        assert_eq!(peeked.read(&mut [0; 200]).await.unwrap(), 100);
        drop(far);
        assert!(peeked.wait().await.is_err());
    }
}
