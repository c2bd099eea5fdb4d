//! What is sent in one moment is sent at once. `h2` gathers frames and writes them when its connection has nothing else to do, which
//! on several threads is after nearly every frame: one system call, one TLS record and one packet each. A corked connection first lets
//! the tasks run that are about to run anyway, and writes what they have added too.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are worth a write of their own.
const PLENTY: usize = 4 * 1024;

/// A stream that writes little only after its task has been to the end of the queue once.
///
/// For tasks that read until there is nothing to read before they write, as those of `h2` do.
pub struct Corked<S> {
    stream: S,
    turn: Turn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The next write waits.
    Over,
    /// A write waits for the next turn of the task.
    Awaited,
    /// This turn's writes do not wait.
    Here,
}

impl<S> Corked<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, turn: Turn::Over }
    }

    /// Pending, with the task at the end of the queue, if a write of so many bytes is to wait.
    fn poll_turn(&mut self, bytes: usize, context: &mut Context<'_>) -> Poll<()> {
        if self.turn == Turn::Over && bytes < PLENTY {
            self.turn = Turn::Awaited;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.turn = Turn::Here;
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Corked<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_pending() {
            self.turn = if self.turn == Turn::Awaited { Turn::Here } else { Turn::Over };
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Corked<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_turn(bytes.len(), context));
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_turn(slices.iter().map(|slice| slice.len()).sum(), context));
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
    use std::{
        convert::Infallible,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use bytes::Bytes;
    use futures_util::future::join_all;
    use http::{Request, Response};
    use http_body_util::{BodyExt, Full};
    use hyper::{body::Incoming, client::conn::http2, service::service_fn};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    /// Counts writes.
    struct Counting(DuplexStream, Arc<AtomicUsize>);

    impl AsyncRead for Counting {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(context, buffer)
        }
    }

    impl AsyncWrite for Counting {
        fn poll_write(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.1.fetch_add(1, Ordering::Relaxed);
            Pin::new(&mut self.0).poll_write(context, bytes)
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            slices: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.1.fetch_add(1, Ordering::Relaxed);
            Pin::new(&mut self.0).poll_write_vectored(context, slices)
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(context)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(context)
        }
    }

    async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        Ok(Response::new(Full::new(request.into_body().collect().await.unwrap().to_bytes())))
    }

    /// Sends requests from tasks of their own, and counts the writes that the client made for them.
    async fn writes_for(requests: usize, size: usize) -> usize {
        let (near, far) = duplex(1 << 20);
        tokio::spawn(
            hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(far), service_fn(echo)),
        );
        let writes = Arc::new(AtomicUsize::new(0));
        let corked = Corked::new(Counting(near, writes.clone()));
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(corked)).await.unwrap();
        tokio::spawn(connection);
        let send = || {
            let mut sender = sender.clone();
            tokio::spawn(async move {
                let request = Request::post("http://a/b").body(Full::new(Bytes::from(vec![7; size])));
                let answer = sender.send_request(request.unwrap()).await.unwrap();
                answer.into_body().collect().await.unwrap().to_bytes().len()
            })
        };
        // Settings are over.
        assert_eq!(send().await.unwrap(), size);
        let before = writes.load(Ordering::Relaxed);
        let sizes = join_all((0..requests).map(|_| send())).await;
        assert!(sizes.into_iter().all(|answer| answer.unwrap() == size));
        writes.load(Ordering::Relaxed) - before
    }

    #[tokio::test]
    async fn requests_of_one_moment_are_one_write() {
        assert_eq!(writes_for(6, 50).await, 1);
    }

    #[tokio::test]
    async fn a_request_with_a_body_is_one_write() {
        for size in [0, 50, 1000, 4000] {
            assert_eq!(writes_for(1, size).await, 1, "{size}");
        }
        assert!(writes_for(6, 1000).await <= 6);
    }

    #[tokio::test]
    async fn it_waits_once_whoever_reads() {
        let (near, mut far) = duplex(1 << 20);
        let mut corked = Corked::new(near);
        for _ in 0..3 {
            corked.write_all(b"abc").await.unwrap();
        }
        corked.write_all(&[b'd'; 2 * PLENTY]).await.unwrap();
        corked.shutdown().await.unwrap();
        let mut all = Vec::new();
        far.read_to_end(&mut all).await.unwrap();
        assert_eq!((all.len(), &all[..10]), (9 + 2 * PLENTY, b"abcabcabcd".as_slice()));
    }
}
