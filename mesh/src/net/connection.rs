//! One HTTP/2 connection to an endpoint.

use super::{BoxBody, BoxError, limits};
use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::http2::{Builder, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, pki_types::ServerName};
use std::{
    error::Error,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// Where to connect, and as whom.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Address.
    pub address: SocketAddr,
    /// TLS settings and the name to send; plain HTTP/2 without.
    pub tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    /// Settings of its connections.
    pub transport: Transport,
}

/// Settings of a connection that differ between users of the pool.
#[derive(Debug, Clone, Copy)]
pub struct Transport {
    /// Opening a connection, TLS included.
    pub connect_timeout: Duration,
    /// Flow-control window of a stream, bytes.
    pub stream_window: u32,
    /// Flow-control window of a connection, bytes.
    pub connection_window: u32,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            connect_timeout: limits::CONNECT_TIMEOUT,
            stream_window: limits::CLIENT_STREAM_WINDOW,
            connection_window: limits::CLIENT_CONNECTION_WINDOW,
        }
    }
}

/// An open connection. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Connection {
    sender: SendRequest<BoxBody>,
    running: Arc<AtomicUsize>,
}

/// A request that runs on a connection; dropping it gives the place back.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that got no response.
#[derive(Debug)]
pub struct Failure {
    /// Whether the server certainly did not run it.
    pub unseen: bool,
    /// Why.
    pub source: BoxError,
}

impl Connection {
    /// Connects within the connect timeout.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, BoxError> {
        let attempt = async {
            let stream = TcpStream::connect(endpoint.address).await?;
            stream.set_nodelay(true)?;
            match &endpoint.tls {
                None => Self::handshake(stream, endpoint.transport).await,
                Some((config, name)) => {
                    let connector = TlsConnector::from(config.clone());
                    Self::handshake(connector.connect(name.clone(), stream).await?, endpoint.transport).await
                }
            }
        };
        timeout(endpoint.transport.connect_timeout, attempt)
            .await
            .unwrap_or_else(|_| Err("connecting took too long".into()))
    }

    async fn handshake<S>(stream: S, transport: Transport) -> Result<Self, BoxError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(transport.stream_window)
            .initial_connection_window_size(transport.connection_window)
            .keep_alive_interval(limits::PING_INTERVAL)
            .keep_alive_timeout(limits::PING_TIMEOUT)
            .handshake(TokioIo::new(stream))
            .await?;
        // Driven in the background, so that a connection lives on while nobody polls a request.
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
        });
        Ok(Self { sender, running: Arc::default() })
    }

    /// Whether it can take requests.
    pub fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Requests that run on it.
    pub fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// Takes a place for a request.
    pub fn enter(&self) -> Place {
        self.running.fetch_add(1, Ordering::Relaxed);
        Place(self.running.clone())
    }

    /// Sends a request. A failure says whether it may be sent again on another connection.
    pub async fn send(&self, request: Request<BoxBody>) -> Result<Response<Incoming>, Failure> {
        let mut sender = self.sender.clone();
        match sender.try_send_request(request).await {
            Ok(response) => Ok(response),
            Err(mut error) => {
                // Handed back: it was never written.
                let unwritten = error.take_message().is_some();
                let source = error.into_error();
                Err(Failure { unseen: unwritten || refused(&source), source: source.into() })
            }
        }
    }
}

/// Whether the server said that it did not process the stream: GOAWAY with NO_ERROR for streams above the last one
/// it takes (RFC 9113, 6.8), or REFUSED_STREAM (8.7).
fn refused(error: &hyper::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let goaway =
                error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR);
            return goaway || (error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM));
        }
        cause = error.source();
    }
    false
}
