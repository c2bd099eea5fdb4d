//! A server against the client of `h2`, and against one that says nothing.

mod connection;
mod expectation;
mod streams;

use std::{
    future::{Future, pending, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use h2::{
    Reason,
    client::{ResponseFuture, SendRequest},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::super::{
    BoxBody as Body, BoxError, Drain, DrainTrigger, RequestBody,
    admission::{Admission, ConnectionLimits},
    guard::PREFACE,
    http::http,
    limits,
    listener::{ListenerLimits, Remote},
};

fn full(text: &'static str) -> Body {
    Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {}).boxed_unsync()
}

fn frames(
    frames: impl IntoIterator<Item = Result<Frame<Bytes>, BoxError>, IntoIter: Send + 'static>,
) -> Body {
    StreamBody::new(stream::iter(frames)).boxed_unsync()
}

/// Something of a handler that is dropped with it.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, SeqCst);
        Self(alive.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// A server, and what it did.
#[derive(Clone, Default)]
struct Server {
    /// Handlers and answers that hang.
    alive: Arc<AtomicUsize>,
    /// Pieces of the endless answer.
    pieces: Arc<AtomicUsize>,
}

impl Server {
    async fn answer(self, request: Request<RequestBody>) -> Response<Body> {
        let mut response = Response::new(full("here"));
        match request.uri().path() {
            "/echo" => {
                let body = request.into_body().collect().await.map(|body| body.to_bytes());
                return Response::new(frames(body.ok().map(|body| Ok(Frame::data(body)))));
            }
            "/late" => {
                sleep(Duration::from_secs(1)).await;
                let body = request.into_body().collect().await.unwrap().to_bytes();
                return Response::new(frames([Ok(Frame::data(body))]));
            }
            "/refuse" => *response.status_mut() = StatusCode::FORBIDDEN,
            "/hang" => {
                let _alive = Alive::new(&self.alive);
                pending::<()>().await;
            }
            "/hang-on" => {
                let alive = Alive::new(&self.alive);
                let hanging = stream::once(async move {
                    let _alive = alive;
                    pending().await
                });
                *response.body_mut() = StreamBody::new(hanging).boxed_unsync();
            }
            "/endless" => {
                let pieces = self.pieces;
                *response.body_mut() = frames(std::iter::repeat_with(move || {
                    pieces.fetch_add(1, SeqCst);
                    Ok(Frame::data(Bytes::from_static(&[7; 10_000])))
                }));
            }
            path @ ("/break" | "/break-refused") => {
                let error: BoxError = match path {
                    "/break" => "broken".into(),
                    _ => h2::Error::from(Reason::REFUSED_STREAM).into(),
                };
                // A reset takes along what has not been sent.
                let late = stream::once(settle().map(|()| Err(error)));
                *response.body_mut() = StreamBody::new(late).boxed_unsync();
            }
            "/size" => {
                let body = request.body();
                let size = HeaderValue::try_from(format!("{:?}", body.size_hint().exact())).unwrap();
                response.headers_mut().insert("x-size", size);
                response.headers_mut().insert("x-end", HeaderValue::from(u16::from(body.is_end_stream())));
            }
            "/connection" => {
                for (name, value) in [
                    ("connection", "keep-alive, x-named"),
                    ("x-named", "1"),
                    ("keep-alive", "timeout=5"),
                    ("transfer-encoding", "chunked"),
                    ("upgrade", "h3"),
                    ("proxy-connection", "close"),
                    ("te", "trailers"),
                ] {
                    response.headers_mut().insert(name, HeaderValue::from_static(value));
                }
            }
            "/trailers" => {
                let mut trailers = HeaderMap::new();
                trailers.insert("grpc-status", HeaderValue::from_static("0"));
                *response.body_mut() =
                    frames([Ok(Frame::data(Bytes::from_static(b"a"))), Ok(Frame::trailers(trailers))]);
            }
            _ => {}
        }
        response
    }

    /// The other end of a connection, what has the server end, and a task that ends with the connection.
    fn connect(&self) -> (DuplexStream, DrainTrigger, JoinHandle<()>) {
        self.connect_with(1 << 20)
    }

    /// The same, where so many bytes are on their way at most.
    fn connect_with(&self, capacity: usize) -> (DuplexStream, DrainTrigger, JoinHandle<()>) {
        let (near, far) = duplex(capacity);
        let (trigger, drain) = Drain::new();
        let limits = ConnectionLimits { total: 8, per_peer: 8, silent_per_peer: 8 };
        let permit = Arc::new(Admission::new(limits).admit([127, 0, 0, 1].into()).unwrap());
        let remote = Remote { address: ([127, 0, 0, 1], 1).into(), certificate: None };
        let server = self.clone();
        let served = tokio::spawn(async move {
            let handle = move |_, request| server.clone().answer(request);
            http(far, remote, ListenerLimits::default(), drain, permit, handle).await
        });
        (near, trigger, served)
    }

    async fn client(&self) -> Client {
        let (near, trigger, served) = self.connect();
        let (requests, connection) = h2::client::handshake(near).await.unwrap();
        let connection = tokio::spawn(connection);
        Client { requests, connection, trigger, served }
    }
}

struct Client {
    requests: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
    trigger: DrainTrigger,
    served: JoinHandle<()>,
}

impl Client {
    /// Asks, and goes on with the body unless that is the end.
    async fn ask(&self, request: Request<()>, is_end: bool) -> (ResponseFuture, h2::SendStream<Bytes>) {
        self.requests.clone().ready().await.unwrap().send_request(request, is_end).unwrap()
    }

    async fn get(&self, path: &str) -> Response<h2::RecvStream> {
        self.ask(get(path), true).await.0.await.unwrap()
    }
}

fn get(path: &str) -> Request<()> {
    Request::get(format!("http://a{path}")).body(()).unwrap()
}

fn post(path: &str, headers: &[(&'static str, &'static str)]) -> Request<()> {
    let mut request = Request::post(format!("http://a{path}")).body(()).unwrap();
    request.headers_mut().extend(
        headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))),
    );
    request
}

/// The next thing that a client is told: 100, or how it ends.
async fn told(answer: &mut ResponseFuture) -> u16 {
    poll_fn(|context| {
        if let Poll::Ready(Some(interim)) = answer.poll_informational(context) {
            return Poll::Ready(interim.unwrap().status());
        }
        Pin::new(&mut *answer).poll(context).map(|response| response.unwrap().status())
    })
    .await
    .as_u16()
}

async fn whole(mut body: h2::RecvStream) -> Result<(Vec<u8>, HeaderMap), h2::Error> {
    let mut all = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        all.extend_from_slice(&piece);
    }
    Ok((all, body.trailers().await?.unwrap_or_default()))
}

/// Lets everything happen that can. The clock of these tests stands still until nothing else can happen.
async fn settle() {
    sleep(Duration::from_millis(1)).await;
}
