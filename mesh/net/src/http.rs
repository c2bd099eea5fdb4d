//! What is spoken on a connection, until it ends, is drained, or has lived long enough.

use std::{
    convert::Infallible,
    future::Future,
    io,
    pin::{Pin, pin},
    sync::Arc,
};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body::Body;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{
    BoxError, Drain, RequestBody,
    active_response::ActiveResponse,
    admission::ConnectionPermit,
    cork::Corked,
    guard::Guarded,
    http2::Http2,
    lifetime::{CloseReason, ConnectionLifetime},
    limits,
    listener_limits::{ListenerLimits, Versions},
    peekable::PeekableStream,
    remote::Remote,
};

/// Serves the requests of one connection.
pub async fn http<S, H, F, B>(
    stream: S,
    remote: Remote,
    limits: ListenerLimits,
    drain: Drain,
    permit: Arc<ConnectionPermit>,
    handle: H,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Arc<Remote>, Request<RequestBody>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (remote, lifetime) = (Arc::new(remote), ConnectionLifetime::new(limits.timeouts));
    if remote.certificate.is_some() {
        permit.mark_known(&lifetime);
    }
    let handle = |request: Request<RequestBody>| {
        permit.mark_known(&lifetime);
        let running = Some(lifetime.begin(request.version() < Version::HTTP_2));
        // On the heap, since hyper and tokio move the future of a stream several times, and it is large.
        ActiveResponse { answer: Box::pin(handle(remote.clone(), request)), running }
    };
    let mut end = pin!(asked_to_end(&drain, &permit, &lifetime));
    let mut stream = PeekableStream::new(Guarded::new(stream, lifetime.clone()));
    let is_http2 = tokio::select! {
        is_http2 = begins_http2(&mut stream, limits.versions) => is_http2,
        _ = &mut end => return,
    };
    match is_http2 {
        Ok(false) => http1_rounds(stream, &remote, limits, &drain, &lifetime, end, handle).await,
        Ok(true) => {
            let mut connection = Box::pin(Http2::new(Corked::new(stream), limits, lifetime.clone(), handle));
            tokio::select! {
                ended = &mut connection => report(&remote, ended),
                end = &mut end => {
                    if end == CloseReason::Graceful {
                        connection.graceful_shutdown();
                        finish(connection, &drain, &remote).await;
                    }
                }
            }
        }
        Err(error) => report(&remote, Err(error)),
    }
}

/// Serves a connection of HTTP/1.1.
///
/// Between two requests it keeps the stream only: clients have many connections that they hardly use, and the parser with its
/// buffers takes several times what the rest does.
async fn http1_rounds<S, H, F, B>(
    mut stream: PeekableStream<S>,
    remote: &Remote,
    limits: ListenerLimits,
    drain: &Drain,
    lifetime: &ConnectionLifetime,
    mut end: Pin<&mut impl Future<Output = CloseReason>>,
    handle: H,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Request<RequestBody>) -> F,
    F: Future<Output = Response<B>>,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<BoxError>,
{
    let mut service = service_fn(|request: Request<Incoming>| {
        let answer = handle(request.map(RequestBody::from));
        async move { Ok::<_, Infallible>(answer.await) }
    });
    loop {
        let mut connection = Box::pin(http1(limits).serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            ended = &mut connection => return report(remote, ended),
            end = &mut end => {
                if end == CloseReason::Graceful {
                    connection.as_mut().graceful_shutdown();
                    finish(connection, drain, remote).await;
                }
                return;
            }
            () = lifetime.until_quiescent() => {}
        }
        let rested = {
            let http1::Parts { io, read_buf, service, .. } = Pin::into_inner(connection).into_parts();
            // What is left is of a body that nobody has read to its end, but for empty lines (RFC 9112, 2.2).
            read_buf.iter().all(|byte| b"\r\n".contains(byte)).then(|| (io.into_inner(), service))
        };
        let Some(rested) = rested else { return };
        (stream, service) = rested;
        tokio::select! {
            more = stream.wait() => if let Err(error) = more {
                return report(remote, Err(error));
            },
            end = &mut end => {
                if end == CloseReason::Graceful {
                    let _ = timeout(limits::AGE_GRACE, stream.shutdown()).await;
                }
                return;
            }
        }
    }
}

async fn begins_http2<S>(stream: &mut PeekableStream<S>, versions: Versions) -> io::Result<bool>
where
    S: AsyncRead + Unpin,
{
    match versions {
        Versions::Both => stream.is_http2().await,
        Versions::Http1 => stream.wait().await.map(|()| false),
        // A server may be the first to speak.
        Versions::Http2 => Ok(true),
    }
}

/// Resolves when a connection should end, whoever wants it to.
async fn asked_to_end(
    drain: &Drain,
    permit: &ConnectionPermit,
    lifetime: &ConnectionLifetime,
) -> CloseReason {
    tokio::select! {
        () = drain.started() => CloseReason::Graceful,
        () = permit.evicted() => CloseReason::Graceful,
        end = lifetime.ended() => end,
    }
}

/// Lets running requests of a connection finish that takes no more.
async fn finish<C, E>(mut connection: Pin<Box<C>>, drain: &Drain, remote: &Remote)
where
    C: Future<Output = Result<(), E>>,
    E: Into<BoxError>,
{
    // A drain has its own, outer limit.
    let grace = async {
        if drain.is_started() {
            std::future::pending().await
        } else {
            tokio::time::sleep(limits::AGE_GRACE).await
        }
    };
    tokio::select! {
        ended = &mut connection => report(remote, ended),
        () = grace => {}
    }
}

fn http1(limits: ListenerLimits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // hyper's own would end connections between requests too: `ConnectionLifetime` tells a slow head from an idle client.
        .header_read_timeout(None)
        .max_headers(limits.header_fields)
        .max_buf_size(usize::try_from(limits.header_bytes).unwrap_or(usize::MAX).max(16 * 1024));
    builder
}

fn report<E: Into<BoxError>>(remote: &Remote, ended: Result<(), E>) {
    if let Err(error) = ended {
        // Clients go away in many ways; none of them is our failure.
        tracing::debug!(address = %remote.address, error = error.into(), "connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::{Context, Poll},
        time::Duration,
    };

    use http_body_util::{BodyExt, Full};
    use tokio::io::{AsyncReadExt, DuplexStream, ReadBuf, duplex};

    use super::{
        super::admission::{Admission, ConnectionLimits},
        *,
    };

    /// Tells how much room there is for what is waited for.
    struct RecordingStream(DuplexStream, Arc<AtomicUsize>);

    impl AsyncRead for RecordingStream {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.1.store(buffer.remaining(), Ordering::Relaxed);
            Pin::new(&mut self.0).poll_read(context, buffer)
        }
    }

    impl AsyncWrite for RecordingStream {
        fn poll_write(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(context, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(context)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(context)
        }
    }

    struct Client {
        stream: DuplexStream,
        room: Arc<AtomicUsize>,
    }

    impl Client {
        /// Of a server that answers with what it got, `/slow` after a long time.
        fn connect(capacity: usize) -> Self {
            let (stream, far) = duplex(capacity);
            let room = Arc::new(AtomicUsize::new(0));
            let server = RecordingStream(far, room.clone());
            let (trigger, drain) = Drain::new();
            let address = ([127, 0, 0, 1], 1).into();
            let limits = ConnectionLimits { total: 8, per_peer: 8, silent_per_peer: 8 };
            let permit = Arc::new(Admission::new(limits).admit([127, 0, 0, 1].into()).unwrap());
            tokio::spawn(async move {
                let remote = Remote { address, certificate: None };
                let echo = |_, request: Request<RequestBody>| async move {
                    if request.uri().path() == "/slow" {
                        tokio::time::sleep(10 * limits::HTTP1_BUFFER_TIMEOUT).await;
                    }
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    Response::new(Full::new(body))
                };
                http(server, remote, ListenerLimits::default(), drain, permit, echo).await;
                drop(trigger);
            });
            Self { stream, room }
        }

        async fn send(&mut self, text: &str) {
            self.stream.write_all(text.as_bytes()).await.unwrap();
        }

        /// Reads until as many answers have ended with `end`.
        async fn read(&mut self, answers: usize, end: &str) {
            let mut all = String::new();
            while all.matches(end).count() < answers {
                let mut piece = [0; 1024];
                let read = self.stream.read(&mut piece).await.unwrap();
                assert!(read > 0, "{all}");
                all.push_str(std::str::from_utf8(&piece[..read]).unwrap());
            }
            assert_eq!(all.matches("HTTP/1.1 200").count(), answers, "{all}");
        }

        /// Whether the server waits without a buffer for a head.
        async fn rests(&self) -> bool {
            tokio::time::sleep(2 * limits::HTTP1_BUFFER_TIMEOUT).await;
            self.room.load(Ordering::Relaxed) <= 24
        }
    }

    const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    #[tokio::test(start_paused = true)]
    async fn a_connection_rests_between_requests_and_goes_on() {
        let mut client = Client::connect(1 << 16);
        for _ in 0..2 {
            client.send(GET).await;
            client.read(1, "\r\n\r\n").await;
            assert!(client.room.load(Ordering::Relaxed) > 1024);
            assert!(client.rests().await);
            client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nab").await;
            assert!(!client.rests().await, "in a body");
            client.send("cd.\n\r\n").await;
            client.read(1, "abcd.\n").await;
            assert!(client.rests().await, "an empty line is nothing");
            client.send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nxyz\r\n").await;
            assert!(!client.rests().await, "in front of a chunk");
            client.send("0\r\n\r\n").await;
            client.read(1, "xyz").await;
            assert!(client.rests().await);
            client.send(&GET.repeat(3)).await;
            client.read(3, "\r\n\r\n").await;
            assert!(client.rests().await);
            client.send(&GET[..9]).await;
            assert!(!client.rests().await, "in a head");
            client.send(&GET[9..]).await;
            client.read(1, "\r\n\r\n").await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_rest_while_a_request_waits_or_an_answer_is_not_read() {
        let mut client = Client::connect(1 << 16);
        client.send(&format!("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n{GET}")).await;
        assert!(!client.rests().await);
        client.read(2, "\r\n\r\n").await;
        assert!(client.rests().await);

        let mut client = Client::connect(256);
        let long = "x".repeat(2000);
        client.send(&format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2001\r\n\r\n{long}!")).await;
        assert!(!client.rests().await);
        client.read(1, "!").await;
        assert!(client.rests().await);
        client.send(GET).await;
        client.read(1, "\r\n\r\n").await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_resting_connection_ends_as_another_does() {
        let mut client = Client::connect(1 << 16);
        client.send(GET).await;
        client.read(1, "\r\n\r\n").await;
        let started = tokio::time::Instant::now();
        assert_eq!(client.stream.read(&mut [0; 8]).await.unwrap(), 0);
        assert!(started.elapsed() >= limits::IDLE_TIMEOUT && started.elapsed() < 2 * limits::IDLE_TIMEOUT);

        let mut client = Client::connect(1 << 16);
        client.send(GET).await;
        client.read(1, "\r\n\r\n").await;
        assert!(client.rests().await);
        client.send("G").await;
        let started = tokio::time::Instant::now();
        // A head that never ends.
        let _ = client.stream.read(&mut [0; 8]).await;
        assert!(started.elapsed() <= 2 * limits::FIRST_REQUEST_TIMEOUT + Duration::from_secs(1));
    }
}
