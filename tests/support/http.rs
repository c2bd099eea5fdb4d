//! An HTTP client that sends a request as it is and keeps the whole answer: HTTP/1.1 or HTTP/2, any method and target, trailers, and
//! from any loopback address.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, Version,
    header::{AUTHORIZATION, HOST},
};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpSocket;

/// The host that every request names, whatever it connects to: answers that repeat it are equal.
pub const AUTHORITY: &str = "shop.example";

/// Longer than any answer takes; what hangs fails instead.
const PATIENCE: Duration = Duration::from_secs(30);

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: HeaderMap,
}

impl Answer {
    /// The text of a header, or of a trailer; empty without.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).or_else(|| self.trailers.get(name));
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Whether it is gRPC or gRPC-Web, by its media type.
    pub fn is_grpc(&self) -> bool {
        self.header("content-type").starts_with("application/grpc")
    }
}

/// A request without body; `target` is path and query.
pub fn request(method: &str, target: &str) -> Request<Bytes> {
    let uri = format!("http://{AUTHORITY}{target}");
    Request::builder().method(method).uri(uri).body(Bytes::new()).unwrap()
}

/// Sends a token along.
pub fn authorize(request: &mut Request<Bytes>, token: &str) {
    request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
}

/// An open connection.
pub enum Connection {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Connection {
    /// Connects from `source`, which may be any address in 127.0.0.0/8.
    pub async fn open(version: Version, source: [u8; 4], to: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((source, 0).into()).unwrap();
        let stream = TokioIo::new(socket.connect(to).await.unwrap());
        if version == Version::HTTP_2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
            tokio::spawn(connection);
            return Self::Http2(sender);
        }
        let (sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Self::Http1(sender)
    }

    /// Sends a request and reads until the end, or until `enough` has come.
    pub async fn send(
        &mut self,
        request: Request<Bytes>,
        enough: impl Fn(&[u8]) -> bool,
    ) -> Result<Answer, BrokenOff> {
        let exchange = async { read(self.head(request).await?, enough).await };
        let answer = tokio::time::timeout(PATIENCE, exchange).await.expect("no answer within 30 s");
        answer.map_err(|error| BrokenOff(format!("{error:?}")))
    }

    async fn head(&mut self, request: Request<Bytes>) -> hyper::Result<Response<Incoming>> {
        let mut request = request.map(Full::new);
        match self {
            Self::Http1(sender) => {
                let target = request.uri().path_and_query().cloned().unwrap();
                *request.uri_mut() = target.into();
                request.headers_mut().entry(HOST).or_insert(HeaderValue::from_static(AUTHORITY));
                sender.ready().await?;
                sender.send_request(request).await
            }
            Self::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }
}

/// An answer that did not come whole; says why.
#[derive(Debug, Clone)]
pub struct BrokenOff(pub String);

async fn read(response: Response<Incoming>, enough: impl Fn(&[u8]) -> bool) -> hyper::Result<Answer> {
    let (head, mut incoming) = response.into_parts();
    let (mut body, mut trailers) = (Vec::new(), HeaderMap::new());
    while !enough(&body)
        && let Some(frame) = incoming.frame().await
    {
        match frame?.into_data() {
            Ok(data) => body.extend_from_slice(&data),
            Err(frame) => trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    Ok(Answer { status: head.status, headers: head.headers, body: body.into(), trailers })
}

/// Sends one request, over a connection of its own, and reads all of the answer.
pub async fn send(to: SocketAddr, request: Request<Bytes>) -> Answer {
    let told = format!("{} {}", request.method(), request.uri());
    let answer = try_send(to, request, |_| false).await;
    answer.unwrap_or_else(|broken| panic!("{told}: {broken:?}"))
}

/// [`send`], for an answer that need not end by itself, or at all.
pub async fn try_send(
    to: SocketAddr,
    request: Request<Bytes>,
    enough: impl Fn(&[u8]) -> bool,
) -> Result<Answer, BrokenOff> {
    Connection::open(request.version(), [127, 0, 0, 1], to).await.send(request, enough).await
}
