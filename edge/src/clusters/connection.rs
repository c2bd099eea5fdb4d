//! HTTP/2 connections to one endpoint: opened when needed, shared by all requests, replaced when they close.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::config::Http2Options;
use super::upstream_tls::UpstreamTls;
use crate::filters::{Body, BoxError};

/// Why an upstream did not answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No endpoint is known.
    #[error("no endpoint")]
    NoEndpoint,
    /// No connection; nothing was sent.
    #[error("connect to {0}: {1}")]
    Connect(SocketAddr, String),
    /// The request may have been sent.
    #[error("upstream: {0}")]
    Exchange(#[from] hyper::Error),
}

/// How connections of a cluster are made.
pub struct ConnectOptions {
    pub timeout: Duration,
    pub tls: Option<UpstreamTls>,
    pub http2: Http2Options,
}

/// h2 serialises a connection's frames behind one lock, so one connection cannot use two cores.
const CONNECTIONS: usize = 4;
/// After a failed attempt, requests fail at once for this long rather than queue up behind a dead endpoint.
const BACKOFF: Duration = Duration::from_millis(200);
const STREAM_WINDOW: u32 = 2 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 8 * 1024 * 1024;

/// One address of a cluster.
pub struct Endpoint {
    pub address: SocketAddr,
    slots: [Mutex<Slot>; CONNECTIONS],
    next: AtomicUsize,
}

#[derive(Default)]
struct Slot {
    sender: Option<SendRequest<Body>>,
    failed: Option<(Instant, String)>,
}

/// A request that can be tried elsewhere because nothing of it was sent, or why it cannot.
pub enum Failed {
    Unsent(Box<http::Request<Body>>, UpstreamError),
    Sent(UpstreamError),
}

impl Endpoint {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, slots: Default::default(), next: AtomicUsize::new(0) }
    }

    /// Sends `request` once. Dropping the future cancels the request at the upstream.
    pub async fn send(
        &self,
        request: http::Request<Body>,
        options: &ConnectOptions,
    ) -> Result<http::Response<Incoming>, Failed> {
        let slot = &self.slots[self.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS];
        let mut sender = match self.sender(slot, options).await {
            Ok(sender) => sender,
            Err(e) => return Err(Failed::Unsent(Box::new(request), e)),
        };
        match sender.try_send_request(request).await {
            Ok(response) => Ok(response),
            Err(mut error) => match error.take_message() {
                Some(request) => Err(Failed::Unsent(Box::new(request), error.into_error().into())),
                None => Err(Failed::Sent(error.into_error().into())),
            },
        }
    }

    async fn sender(
        &self,
        slot: &Mutex<Slot>,
        options: &ConnectOptions,
    ) -> Result<SendRequest<Body>, UpstreamError> {
        let mut slot = slot.lock().await;
        if let Some(sender) = slot.sender.as_ref().filter(|sender| !sender.is_closed()) {
            return Ok(sender.clone());
        }
        if let Some((at, problem)) = slot.failed.as_ref().filter(|(at, _)| at.elapsed() < BACKOFF) {
            let _ = at;
            return Err(UpstreamError::Connect(self.address, problem.clone()));
        }
        match self.connect(options).await {
            Ok(sender) => {
                *slot = Slot { sender: Some(sender.clone()), failed: None };
                Ok(sender)
            }
            Err(e) => {
                let problem = e.to_string();
                *slot = Slot { sender: None, failed: Some((Instant::now(), problem.clone())) };
                Err(UpstreamError::Connect(self.address, problem))
            }
        }
    }

    async fn connect(&self, options: &ConnectOptions) -> Result<SendRequest<Body>, BoxError> {
        let dial = async {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            let Some(tls) = &options.tls else {
                return handshake(TokioIo::new(stream), &options.http2).await;
            };
            let connector = tokio_rustls::TlsConnector::from(tls.config.clone());
            let stream = connector.connect(tls.server_name.clone(), stream).await?;
            handshake(TokioIo::new(stream), &options.http2).await
        };
        match tokio::time::timeout(options.timeout, dial).await {
            Ok(connected) => connected,
            Err(_) => Err(format!("not connected within {:?}", options.timeout).into()),
        }
    }
}

async fn handshake<I>(io: I, options: &Http2Options) -> Result<SendRequest<Body>, BoxError>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (sender, connection) = Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(options.initial_stream_window_size.unwrap_or(STREAM_WINDOW))
        .initial_connection_window_size(options.initial_connection_window_size.unwrap_or(CONNECTION_WINDOW))
        .max_header_list_size(64 * 1024)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10))
        .handshake(io)
        .await?;
    // Ends when the peer closes or when the last sender and request are gone.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "upstream connection ended");
        }
    });
    Ok(sender)
}
