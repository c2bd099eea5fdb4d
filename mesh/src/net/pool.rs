//! The connections to one endpoint: several, since an HTTP/2 connection is one lock and one TCP window; opened when
//! they are needed, and replaced when they end, without losing a call.

use super::{
    BoxBody, BoxError,
    connection::{Connection, Endpoint, Place},
    limits,
};
use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::Mutex as AsyncMutex, time::Instant};

/// Connections kept to one endpoint.
const MAX_CONNECTIONS: usize = 10;
/// Requests on one connection at which another is opened: 80 % of what our servers take.
const CROWDED: usize = limits::MAX_STREAMS as usize * 8 / 10;
/// Connections a request is tried on when servers say that they did not see it.
const MAX_REPLAYS: usize = 4;
const BACKOFF: std::ops::Range<Duration> = Duration::from_millis(100)..Duration::from_secs(10);

/// What a request carries.
pub enum Payload {
    /// All of it: can be sent again.
    Whole(Bytes),
    /// A stream: is sent once.
    Stream(BoxBody),
}

/// A request that got no response.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// No connection: nothing was sent.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// The endpoint.
        address: std::net::SocketAddr,
        /// Why.
        source: Arc<BoxError>,
    },
    /// The server said that it did not run the request.
    #[error("the server did not take the request: {0}")]
    Unseen(#[source] BoxError),
    /// The connection broke; the server may have run the request.
    #[error("the connection broke: {0}")]
    Broken(#[source] BoxError),
}

/// Connections to one endpoint. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    open: Mutex<Vec<Connection>>,
    connecting: AsyncMutex<Backoff>,
}

#[derive(Debug, Default)]
struct Backoff {
    failures: u32,
    failed: Option<(Instant, Arc<BoxError>)>,
}

impl Pool {
    /// A pool without connections; the first request opens one.
    pub fn new(endpoint: Endpoint) -> Self {
        Self(Arc::new(Inner { endpoint, open: Mutex::default(), connecting: AsyncMutex::default() }))
    }

    /// The endpoint.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Requests that run now.
    pub fn running(&self) -> usize {
        self.lock().iter().map(Connection::running).sum()
    }

    /// Open connections.
    pub fn connections(&self) -> usize {
        self.lock().iter().filter(|connection| connection.is_open()).count()
    }

    /// Resolves once there is a connection, so that who sends a stream, which can only be sent once, may try elsewhere first.
    pub async fn ready(&self) -> Result<(), PoolError> {
        self.connection().await.map(drop)
    }

    /// Sends a request. One that a server certainly did not see is sent again, if all of it is here.
    pub async fn request(&self, head: Parts, payload: Payload) -> Result<Response<PooledBody>, PoolError> {
        let whole = match payload {
            Payload::Whole(bytes) => bytes,
            Payload::Stream(body) => return self.once(Request::from_parts(head, body)).await,
        };
        let mut replays = 0;
        loop {
            let body = Full::new(whole.clone()).map_err(|never| match never {}).boxed_unsync();
            match self.once(Request::from_parts(head.clone(), body)).await {
                Err(PoolError::Unseen(_)) if replays < MAX_REPLAYS => replays += 1,
                outcome => return outcome,
            }
        }
    }

    async fn once(&self, request: Request<BoxBody>) -> Result<Response<PooledBody>, PoolError> {
        let (connection, place) = self.connection().await?;
        match connection.send(request).await {
            Ok(response) => Ok(response.map(|body| PooledBody { body, _place: place })),
            Err(failure) if failure.unseen => Err(PoolError::Unseen(failure.source)),
            Err(failure) => Err(PoolError::Broken(failure.source)),
        }
    }

    /// The least busy connection, or a new one when all are crowded.
    async fn connection(&self) -> Result<(Connection, Place), PoolError> {
        if let Some(found) = self.least_busy(CROWDED) {
            return Ok(found);
        }
        // One at a time: who waited here most likely finds what the one before opened.
        let mut backoff = self.0.connecting.lock().await;
        if let Some(found) = self.least_busy(CROWDED) {
            return Ok(found);
        }
        if self.connections() >= MAX_CONNECTIONS
            && let Some(found) = self.least_busy(usize::MAX)
        {
            return Ok(found);
        }
        if let Some((failed, source)) = &backoff.failed
            && failed.elapsed() < backoff.pause()
        {
            return Err(PoolError::Connect { address: self.0.endpoint.address, source: source.clone() });
        }
        match Connection::open(&self.0.endpoint).await {
            Ok(connection) => {
                *backoff = Backoff::default();
                let place = connection.enter();
                self.lock().push(connection.clone());
                Ok((connection, place))
            }
            Err(error) => {
                let source = Arc::new(error);
                backoff.failures += 1;
                backoff.failed = Some((Instant::now(), source.clone()));
                Err(PoolError::Connect { address: self.0.endpoint.address, source })
            }
        }
    }

    fn least_busy(&self, below: usize) -> Option<(Connection, Place)> {
        let mut open = self.lock();
        open.retain(Connection::is_open);
        let connection = open.iter().min_by_key(|connection| connection.running())?;
        (connection.running() < below).then(|| (connection.clone(), connection.enter()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.0.open.lock().expect("nothing panics while it is held")
    }
}

impl Backoff {
    /// 100 ms, then 1.6 times as long each time, to 10 s (gRPC connection backoff).
    fn pause(&self) -> Duration {
        let exponent = i32::try_from(self.failures.saturating_sub(1).min(20)).unwrap_or(20);
        BACKOFF.start.mul_f64(1.6_f64.powi(exponent)).min(BACKOFF.end)
    }
}

/// A response body that holds its place on the connection until it is read or dropped.
#[derive(Debug)]
pub struct PooledBody {
    body: Incoming,
    _place: Place,
}

impl Body for PooledBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
