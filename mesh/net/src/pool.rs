//! The connections to one endpoint: several, since an HTTP/2 connection is one lock and one TCP window; opened when
//! they are needed, and replaced when they end, without losing a call.

pub use super::connection::Endpoint;

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, Weak},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt, Shared};
use http::{Request, Response, request::Parts};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::{task::JoinHandle, time::Instant};

use super::{
    BoxBody, BoxError,
    backoff::Backoff,
    connection::{Connection, StreamPermit},
    jitter::jittered,
    retry_buffer::RetryBuffer,
};

/// Connections kept to an endpoint that is in use.
const USUAL_CONNECTIONS: usize = 2;
/// Connections to an endpoint when all of them are crowded (gRPC proposal A105).
const MAX_CONNECTIONS: usize = 10;
/// Connections a request is tried on when servers say that they did not see it.
const MAX_SENDINGS: usize = 5;
/// Connections in a row that may end before they take a request.
const MAX_CONNECTS: usize = 3;
/// A service that comes back is found within a second: what it has to tell, such as revoked tokens, must not wait longer.
/// The factor is that of gRPC's connection backoff.
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(100), factor: 1.6, longest: Duration::from_secs(1) };

/// A request that got no response.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// No connection: nothing was sent.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// The endpoint.
        address: SocketAddr,
        /// Why.
        source: Arc<BoxError>,
        /// Until connecting is tried again.
        pause: Duration,
    },
    /// The server said that it did not run the request.
    #[error("{address} did not take the request: {source}")]
    Unseen {
        /// The endpoint.
        address: SocketAddr,
        /// What it said.
        source: BoxError,
    },
    /// The connection broke; the server may have run the request.
    #[error("the connection to {address} broke: {source}")]
    Broken {
        /// The endpoint.
        address: SocketAddr,
        /// Why.
        source: BoxError,
    },
}

impl PoolError {
    /// Whether the server certainly did not run the request.
    pub fn is_unseen(&self) -> bool {
        !matches!(self, Self::Broken { .. })
    }
}

/// Connections to one endpoint. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    open: Vec<Connection>,
    connecting: Option<Connecting>,
    failures: u32,
    /// The last failure, and when connecting makes sense again.
    failed: Option<(Instant, Arc<BoxError>)>,
}

/// Resolves when a connection is there or cannot be had.
type Connecting = Shared<BoxFuture<'static, ()>>;

enum Choice {
    Take(Connection, StreamPermit),
    Wait(Connecting),
    Fail(Arc<BoxError>, Duration),
}

impl Pool {
    /// A pool without connections; the first request opens one.
    pub fn new(endpoint: Endpoint) -> Self {
        Self(Arc::new(Inner { endpoint, state: Mutex::default() }))
    }

    /// The endpoint.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Whether both are the same connections.
    #[cfg(test)]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Requests that run now.
    pub fn running(&self) -> usize {
        self.lock().open.iter().map(Connection::running).sum()
    }

    /// Open connections.
    pub fn connections(&self) -> usize {
        self.lock().open.iter().filter(|connection| connection.is_open()).count()
    }

    /// Sends a request. One that a server certainly did not see is sent again, as long as all of it is here.
    pub async fn request(&self, request: Request<BoxBody>) -> Result<Response<PooledBody>, PoolError> {
        let (head, body) = request.into_parts();
        self.send(&head, &RetryBuffer::new(body)).await
    }

    /// The same for a caller that keeps the request, to send it again for reasons of its own.
    pub async fn send(&self, head: &Parts, body: &RetryBuffer) -> Result<Response<PooledBody>, PoolError> {
        let address = self.0.endpoint.address;
        let mut sendings = 0;
        loop {
            let (connection, permit) = self.connection().await?;
            let Some(sending) = body.start() else {
                return Err(PoolError::Unseen { address, source: "too much of it was sent before".into() });
            };
            sendings += 1;
            match connection.send(Request::from_parts(head.clone(), sending)).await {
                Ok(response) => return Ok(response.map(|body| PooledBody { body, _permit: permit })),
                Err(failure) if !failure.unseen => {
                    return Err(PoolError::Broken { address, source: failure.source });
                }
                Err(failure) if sendings == MAX_SENDINGS || !body.is_whole() => {
                    return Err(PoolError::Unseen { address, source: failure.source });
                }
                Err(_) => {}
            }
        }
    }

    async fn connection(&self) -> Result<(Connection, StreamPermit), PoolError> {
        for _ in 0..=MAX_CONNECTS {
            match self.choose() {
                Choice::Take(connection, permit) => return Ok((connection, permit)),
                Choice::Wait(connecting) => connecting.await,
                Choice::Fail(source, pause) => return Err(self.unreachable(source, pause)),
            }
        }
        let source = Arc::new("the server ends each connection at once".into());
        Err(self.unreachable(source, BACKOFF.first))
    }

    /// The least busy connection; another one is opened when there is none or it is too busy.
    fn choose(&self) -> Choice {
        let mut state = self.lock();
        state.open.retain(Connection::is_open);
        let best = state.open.iter().min_by_key(|connection| connection.running()).cloned();
        let wanted = match &best {
            None => true,
            Some(best) if state.open.len() < USUAL_CONNECTIONS => best.running() > 0,
            Some(best) => state.open.len() < MAX_CONNECTIONS && best.is_crowded(),
        };
        let paused = state.failed.as_ref().filter(|(again, _)| Instant::now() < *again);
        if wanted && state.connecting.is_none() && paused.is_none() {
            state.connecting = Some(self.connect());
        }
        match (best, &state.connecting, &state.failed) {
            (Some(best), _, _) => {
                let permit = best.acquire();
                Choice::Take(best, permit)
            }
            (None, Some(connecting), _) => Choice::Wait(connecting.clone()),
            (None, None, Some((again, source))) => {
                Choice::Fail(source.clone(), again.saturating_duration_since(Instant::now()))
            }
            (None, None, None) => Choice::Fail(Arc::new("no connection".into()), BACKOFF.first),
        }
    }

    /// Connects in the background, so that no caller who gives up takes the connection along.
    fn connect(&self) -> Connecting {
        let pool = self.clone();
        let task = tokio::spawn(async move {
            let outcome = Connection::open(&pool.0.endpoint).await;
            let mut state = pool.lock();
            state.connecting = None;
            match outcome {
                Ok((connection, driver)) => {
                    (state.failures, state.failed) = (0, None);
                    state.open.push(connection);
                    tokio::spawn(forget(Arc::downgrade(&pool.0), driver));
                }
                Err(error) => {
                    let pause = jittered(BACKOFF.after(state.failures), 20);
                    state.failures += 1;
                    state.failed = Some((Instant::now() + pause, Arc::new(error)));
                }
            }
        });
        task.map(|_| ()).boxed().shared()
    }

    fn unreachable(&self, source: Arc<BoxError>, pause: Duration) -> PoolError {
        PoolError::Connect { address: self.0.endpoint.address, source, pause }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect("nothing panics while it is held")
    }
}

/// Lets go of a connection as soon as it takes no more requests, so that what still lies in its queue is handed back.
async fn forget(pool: Weak<Inner>, driver: JoinHandle<()>) {
    // However it ended.
    let _ = driver.await;
    if let Some(inner) = pool.upgrade() {
        Pool(inner).lock().open.retain(Connection::is_open);
    }
}

/// A response body that holds its permit on the connection until it is read or dropped.
#[derive(Debug)]
pub struct PooledBody {
    body: Incoming,
    _permit: StreamPermit,
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
