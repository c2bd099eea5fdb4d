//! One HTTP/2 connection to an endpoint.

use std::{
    error::Error,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::http2::{Builder, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    BoxError, confirmation::ConfirmingStream, cork::Corked, limits, never_indexed, retry_buffer::RetryBody,
};

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
    sender: SendRequest<RetryBody>,
    load: Arc<Load>,
}

#[derive(Debug)]
struct Load {
    running: AtomicUsize,
    /// What the server takes at once.
    capacity: AtomicUsize,
}

/// A request that runs on a connection; dropping it gives the permit back.
#[derive(Debug)]
pub struct StreamPermit(Arc<Load>);

impl Drop for StreamPermit {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
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
    /// Connects, and waits until the server has answered as an HTTP/2 server that takes our certificate. The task ends
    /// when the connection takes no more requests.
    pub async fn open(endpoint: &Endpoint) -> Result<(Self, JoinHandle<()>), BoxError> {
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

    async fn handshake<S>(stream: S, transport: Transport) -> Result<(Self, JoinHandle<()>), BoxError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (stream, confirmation) = ConfirmingStream::new(Corked::new(stream));
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(transport.stream_window)
            .initial_connection_window_size(transport.connection_window)
            .max_header_list_size(limits::MAX_HEADER_BYTES)
            // Callers who go away leave answers to nobody behind: however many, they do not end the connection for the others.
            .max_concurrent_reset_streams(limits::MAX_KNOWN_RESETS)
            .max_local_error_reset_streams(None)
            .keep_alive_interval(limits::PING_INTERVAL)
            .keep_alive_timeout(limits::PING_TIMEOUT)
            .handshake(TokioIo::new(stream))
            .await?;
        let capacity = AtomicUsize::new(connection.current_max_send_streams());
        let load = Arc::new(Load { running: AtomicUsize::new(0), capacity });
        let told = load.clone();
        // Driven in the background, so that a connection lives on while nobody polls a request.
        let driver = tokio::spawn(async move {
            let mut connection = pin!(connection);
            let ended = poll_fn(|context| {
                let polled = connection.as_mut().poll(context);
                told.capacity.store(connection.current_max_send_streams(), Ordering::Relaxed);
                polled
            });
            if let Err(error) = ended.await {
                tracing::debug!(%error, "connection ended");
            }
        });
        confirmation.received().await?;
        Ok((Self { sender, load }, driver))
    }

    /// Whether it can take requests.
    pub fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Requests that run on it.
    pub fn running(&self) -> usize {
        self.load.running.load(Ordering::Relaxed)
    }

    /// Whether it runs four fifths of what the server takes at once.
    pub fn is_crowded(&self) -> bool {
        self.running() >= self.load.capacity.load(Ordering::Relaxed) / 5 * 4
    }

    /// Takes a permit for a request.
    pub fn acquire(&self) -> StreamPermit {
        self.load.running.fetch_add(1, Ordering::Relaxed);
        StreamPermit(self.load.clone())
    }

    /// Sends a request. A failure says whether it may be sent again on another connection.
    ///
    /// Takes the connection along, because what is written while the connection ends may lie in its queue until the
    /// last writer is gone; only then is it handed back.
    pub fn send(
        mut self,
        mut request: Request<RetryBody>,
    ) -> impl Future<Output = Result<Response<Incoming>, Failure>> + Send + use<> {
        never_indexed::never_index(request.headers_mut());
        let sending = self.sender.try_send_request(request);
        async move {
            sending.await.map_err(|mut error| {
                // Handed back: it was never written.
                let unwritten = error.take_message().is_some();
                let source = error.into_error();
                Failure { unseen: unwritten || refused(&source), source: source.into() }
            })
        }
    }
}

/// Whether the server said that it did not process the stream: GOAWAY with NO_ERROR for streams above the last one
/// it takes (RFC 9113, 6.8), or REFUSED_STREAM (8.7).
fn refused(error: &hyper::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let reason = error.reason();
            let goaway = error.is_go_away() && reason == Some(h2::Reason::NO_ERROR);
            let reset = error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM);
            return error.is_remote() && (goaway || reset);
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Empty};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::{super::retry_buffer::RetryBuffer, *};

    /// Sizes of the heads of two requests with the same field, as they are on the wire.
    async fn heads(name: &str) -> Vec<usize> {
        const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        const PREFACE: usize = 24;
        let (near, mut far) = duplex(1 << 16);
        far.write_all(&SETTINGS).await.unwrap();
        let (connection, _driver) = Connection::handshake(near, Transport::default()).await.unwrap();
        for _ in 0..2 {
            let body = RetryBuffer::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
            let request = Request::post("http://a/b").header(name, "0a1b2c3d-0a1b-4a1b-8a1b-0a1b2c3d4e5f");
            tokio::spawn(connection.clone().send(request.body(body.start().unwrap()).unwrap()));
        }
        far.read_exact(&mut [0; PREFACE]).await.unwrap();
        let mut heads = Vec::new();
        while heads.len() < 2 {
            let mut header = [0; 9];
            far.read_exact(&mut header).await.unwrap();
            let size = (usize::from(header[1]) << 8) | usize::from(header[2]);
            far.read_exact(&mut vec![0; size]).await.unwrap();
            if header[3] == 1 {
                heads.push(size);
            }
        }
        heads
    }

    #[tokio::test]
    async fn what_differs_by_request_is_not_put_into_the_table() {
        let (usual, passing) = (heads("x-usual-id-x").await, heads("x-request-id").await);
        assert_eq!(usual.len(), passing.len());
        assert!(usual[1] + 20 < usual[0], "met again: {usual:?}");
        assert!(passing[1] > usual[1] + 20, "written again: {passing:?}, {usual:?}");
    }
}
