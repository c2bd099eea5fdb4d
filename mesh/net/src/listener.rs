//! The accept loop: plain or TLS, HTTP/1.1 and HTTP/2, with limits and drain.

pub use super::{
    listener_limits::{ListenerLimits, Versions},
    remote::Remote,
};

use std::{
    future::Future,
    io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use rustls::{ServerConfig, server::Acceptor};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use super::{
    BoxError, Drain, RequestBody,
    admission::{Admission, ConnectionLimits, ConnectionPermit},
    backoff::Backoff,
    http::http,
    limits,
};

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
    H: Fn(Arc<Remote>, Request<RequestBody>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let tls = tls.map(|config| Tls { config, turns: Arc::new(Semaphore::new(limits::MAX_HANDSHAKES)) });
    let admission = Admission::new(ConnectionLimits {
        total: limits.connections,
        per_peer: limits.connections_per_peer,
        silent_per_peer: limits.silent_per_peer,
    });
    let mut failures = 0;
    loop {
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
                admission.make_room();
                tokio::time::sleep(ACCEPT_PAUSES.after(failures)).await;
                failures += 1;
                continue;
            }
        };
        failures = 0;
        let Some(permit) = admission.admit(address.ip()) else { continue };
        let (tls, handle, own_drain) = (tls.clone(), handle.clone(), drain.clone());
        drain.spawn(async move {
            let permit = Arc::new(permit);
            tokio::select! {
                () = permit.cut() => {}
                () = connection(stream, address, tls, limits, own_drain, permit.clone(), handle) => {}
            }
        });
    }
}

/// How connections of a listener become TLS.
#[derive(Clone)]
struct Tls {
    config: Arc<ServerConfig>,
    turns: Arc<Semaphore>,
}

impl Tls {
    /// Only a client that has said hello takes a turn. On the heap, since the stream is large and handed on.
    async fn accept(self, stream: TcpStream) -> std::io::Result<Box<TlsStream<TcpStream>>> {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let _turn = self.turns.acquire().await.map_err(std::io::Error::other)?;
        hello.into_stream(self.config).await.map(Box::new)
    }
}

const ACCEPT_PAUSES: Backoff = Backoff::doubling(Duration::from_millis(10), Duration::from_millis(250));

async fn connection<H, F, B>(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Tls>,
    limits: ListenerLimits,
    drain: Drain,
    permit: Arc<ConnectionPermit>,
    handle: H,
) where
    H: Fn(Arc<Remote>, Request<RequestBody>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    // Without it small replies wait for the peer's delayed acknowledgement; a failure only costs that.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return Box::pin(http(stream, Remote { address, certificate: None }, limits, drain, permit, handle))
            .await;
    };
    match timeout(limits::HANDSHAKE_TIMEOUT, Box::pin(tls.accept(stream))).await {
        Ok(Ok(stream)) => {
            let certificate = stream
                .get_ref()
                .1
                .peer_certificates()
                .and_then(|chain| chain.first())
                .map(|leaf| leaf.clone().into_owned());
            Box::pin(http(stream, Remote { address, certificate }, limits, drain, permit, handle)).await;
        }
        Ok(Err(error)) => tracing::info!(%address, %error, "TLS handshake refused"),
        Err(_) => tracing::info!(%address, "TLS handshake took too long"),
    }
}
