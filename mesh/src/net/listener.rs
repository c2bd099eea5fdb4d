//! The accept loop: plain or TLS, HTTP/1.1 and HTTP/2, with limits and drain.

use super::{
    BoxError, Drain,
    life::{End, Heard, Life, Patience, Running},
    limits,
};
use bytes::Bytes;
use http::{Request, Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use rustls::{ServerConfig, pki_types::CertificateDer};
use std::{
    collections::HashMap,
    convert::Infallible,
    future::Future,
    io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted},
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Its address.
    pub address: SocketAddr,
    /// Its certificate, when TLS asked for one.
    pub certificate: Option<CertificateDer<'static>>,
}

/// Settings that differ between listeners.
#[derive(Debug, Clone, Copy)]
pub struct ListenerLimits {
    /// All headers of a request, bytes.
    pub header_bytes: u32,
    /// Header fields of a request, HTTP/1.1.
    pub header_fields: usize,
    /// HTTP/2 requests at once on one connection.
    pub streams: u32,
    /// Connections from one address.
    pub connections_per_peer: usize,
    /// Flow-control window of a stream, bytes.
    pub stream_window: u32,
    /// Flow-control window of a connection, bytes.
    pub connection_window: u32,
    /// How long connections may be silent.
    pub patience: Patience,
    /// Which versions of HTTP are spoken.
    pub versions: Versions,
}

/// Versions of HTTP that a listener speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Versions {
    /// Whichever the client begins with.
    #[default]
    Both,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only.
    Http2,
}

impl Default for ListenerLimits {
    fn default() -> Self {
        Self {
            header_bytes: limits::MAX_HEADER_BYTES,
            header_fields: 100,
            streams: limits::MAX_STREAMS,
            connections_per_peer: limits::MAX_CONNECTIONS_PER_PEER,
            stream_window: limits::SERVER_STREAM_WINDOW,
            connection_window: limits::SERVER_CONNECTION_WINDOW,
            patience: Patience::default(),
            versions: Versions::default(),
        }
    }
}

/// Binds an address; the error names it.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| BindError { address, source })
}

/// An address that is taken or not ours.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// Why.
    pub source: std::io::Error,
}

/// Serves requests until the drain starts, then lets running ones finish.
///
/// `handle` is called once per request. Its future is dropped when the client goes away.
pub async fn serve<H, F, B>(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    limits: ListenerLimits,
    drain: Drain,
    handle: H,
) where
    H: Fn(Arc<Remote>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let tls = tls.map(|config| Tls {
        acceptor: TlsAcceptor::from(config),
        turns: Arc::new(Semaphore::new(limits::MAX_HANDSHAKES)),
    });
    let total = Arc::new(Semaphore::new(limits::MAX_CONNECTIONS));
    let peers = Peers::default();
    let mut pause = ACCEPT_PAUSE.start;
    loop {
        let Ok(permit) = total.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = drain.started() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            // The client was gone before it was its turn.
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) => {
                continue;
            }
            // Out of file descriptors, most likely: without a pause this loop would spin.
            Err(error) => {
                tracing::warn!(%error, "accepting connections fails");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(ACCEPT_PAUSE.end);
                continue;
            }
        };
        pause = ACCEPT_PAUSE.start;
        let Some(slot) = peers.enter(address.ip(), limits.connections_per_peer) else { continue };
        let (tls, handle, own_drain) = (tls.clone(), handle.clone(), drain.clone());
        drain.spawn(async move {
            let _held: (OwnedSemaphorePermit, PeerSlot) = (permit, slot);
            connection(stream, address, tls, limits, own_drain, handle).await;
        });
    }
}

/// How connections of a listener become TLS.
#[derive(Clone)]
struct Tls {
    acceptor: TlsAcceptor,
    turns: Arc<Semaphore>,
}

impl Tls {
    async fn accept(self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let _turn = self.turns.acquire().await.map_err(std::io::Error::other)?;
        self.acceptor.accept(stream).await
    }
}

const ACCEPT_PAUSE: std::ops::Range<Duration> = Duration::from_millis(50)..Duration::from_secs(1);

async fn connection<H, F, B>(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Tls>,
    limits: ListenerLimits,
    drain: Drain,
    handle: H,
) where
    H: Fn(Arc<Remote>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    // Without it small replies wait for the peer's delayed acknowledgement; a failure only costs that.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return http(stream, Remote { address, certificate: None }, limits, drain, handle).await;
    };
    match timeout(limits::HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let certificate = stream
                .get_ref()
                .1
                .peer_certificates()
                .and_then(|chain| chain.first())
                .map(|leaf| leaf.clone().into_owned());
            http(stream, Remote { address, certificate }, limits, drain, handle).await;
        }
        Ok(Err(error)) => tracing::info!(%address, %error, "TLS handshake refused"),
        Err(_) => tracing::info!(%address, "TLS handshake took too long"),
    }
}

async fn http<S, H, F, B>(stream: S, remote: Remote, limits: ListenerLimits, drain: Drain, handle: H)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Arc<Remote>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (remote, life) = (Arc::new(remote), Life::new(limits.patience));
    let service = service_fn(|request: Request<Incoming>| {
        let running = life.begin(request.version() < Version::HTTP_2);
        // On the heap, since hyper and tokio move the future of a stream several times, and it is large.
        let answer = Box::pin(handle(remote.clone(), request));
        async move {
            Ok::<_, Infallible>(answer.await.map(|body| Counted { body: Box::pin(body), _running: running }))
        }
    });
    let builder = builder(limits);
    let connection = builder.serve_connection(TokioIo::new(Heard { stream, life: life.clone() }), service);
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return report(&remote, ended),
        () = drain.started() => connection.as_mut().graceful_shutdown(),
        end = life.ended() => match end {
            End::Silent => return,
            End::Graceful => connection.as_mut().graceful_shutdown(),
        },
    }
    // A drain has its own, outer limit.
    let grace = async {
        if drain.is_started() {
            std::future::pending().await
        } else {
            tokio::time::sleep(limits::AGE_GRACE).await
        }
    };
    tokio::select! {
        ended = connection.as_mut() => report(&remote, ended),
        () = grace => {}
    }
}

fn builder(limits: ListenerLimits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // hyper's own would end connections between requests too: `Life` tells a slow head from an idle client.
        .header_read_timeout(None)
        .max_headers(limits.header_fields)
        .max_buf_size(usize::try_from(limits.header_bytes).unwrap_or(usize::MAX).max(16 * 1024));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_bytes)
        .max_pending_accept_reset_streams(limits::MAX_PENDING_RESETS)
        .max_local_error_reset_streams(limits::MAX_LOCAL_RESETS)
        .initial_stream_window_size(limits.stream_window)
        .initial_connection_window_size(limits.connection_window)
        .keep_alive_interval(limits::PING_INTERVAL)
        .keep_alive_timeout(limits::PING_TIMEOUT);
    match limits.versions {
        Versions::Both => builder,
        Versions::Http1 => builder.http1_only(),
        Versions::Http2 => builder.http2_only(),
    }
}

fn report(remote: &Remote, ended: Result<(), BoxError>) {
    if let Err(error) = ended {
        // Clients go away in many ways; none of them is our failure.
        tracing::debug!(address = %remote.address, error, "connection ended early");
    }
}

/// Connections by address.
#[derive(Debug, Clone, Default)]
struct Peers(Arc<Mutex<HashMap<IpAddr, usize>>>);

struct PeerSlot(Peers, IpAddr);

impl Peers {
    fn enter(&self, address: IpAddr, limit: usize) -> Option<PeerSlot> {
        let mut counts = self.0.lock().expect("nothing panics while it is held");
        let count = counts.entry(address).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(PeerSlot(self.clone(), address))
    }
}

impl Drop for PeerSlot {
    fn drop(&mut self) {
        let mut counts = self.0.0.lock().expect("nothing panics while it is held");
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

/// A response body that keeps its request running until it is sent or dropped.
struct Counted<B> {
    body: Pin<Box<B>>,
    _running: Running,
}

impl<B: Body<Data = Bytes>> Body for Counted<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.body.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
