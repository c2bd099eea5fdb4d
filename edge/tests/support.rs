//! An edge under test, the service behind it, and clients.

pub mod late;

use std::{
    convert::Infallible,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use shopmesh_edge::Edge;
use shopmesh_net::{Drain, DrainTrigger};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What the service got.
#[derive(Clone, Debug)]
pub struct Seen {
    pub uri: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A gRPC-like service over h2c.
#[derive(Clone)]
pub struct Upstream {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    /// Requests to `/hang` or `/stream` that ended because the caller went away.
    pub cancelled: watch::Sender<usize>,
    /// Requests to `/hang` that have arrived.
    pub hanging: watch::Sender<usize>,
    pub jwks: Arc<Mutex<String>>,
    /// What methods called `Scripted` answer.
    scripted: Arc<Mutex<(Vec<Bytes>, HeaderMap)>>,
}

struct OnDrop(watch::Sender<usize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n += 1);
    }
}

impl Upstream {
    pub async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Self {
            address: socket.local_addr().unwrap(),
            seen: Arc::default(),
            cancelled: watch::Sender::new(0),
            hanging: watch::Sender::new(0),
            jwks: Arc::default(),
            scripted: Arc::default(),
        };
        let service = upstream.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = socket.accept().await.unwrap();
                let service = service.clone();
                tokio::spawn(async move { service.serve(TokioIo::new(stream)).await });
            }
        });
        upstream
    }

    pub async fn serve<I>(self, io: I)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + 'static,
    {
        self.serve_until(io, std::future::pending()).await;
    }

    /// The same; takes no more requests on this connection from `end` on, and finishes those that run.
    pub async fn serve_until<I>(self, io: I, end: impl Future<Output = ()>)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + 'static,
    {
        let service = service_fn(move |request| {
            let upstream = self.clone();
            async move {
                match late::kind(&request) {
                    Some(kind) => late::answer(&kind, request).await,
                    None => Ok(upstream
                        .answer(request)
                        .await
                        .map(|body| body.map_err(|e| match e {}).boxed_unsync())),
                }
            }
        });
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let mut connection = std::pin::pin!(builder.serve_connection(io, service));
        tokio::select! {
            _ = connection.as_mut() => return,
            () = end => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn answer(self, request: Request<Incoming>) -> Response<Body> {
        let (head, mut body) = request.into_parts();
        match head.uri.path() {
            "/hang" => {
                let _guard = OnDrop(self.cancelled.clone());
                self.hanging.send_modify(|n| *n += 1);
                std::future::pending().await
            }
            // Sends back each piece as it arrives.
            "/pkg.Svc/Stream" => {
                let guard = OnDrop(self.cancelled.clone());
                let (sender, receiver) = tokio::sync::mpsc::channel(1);
                tokio::spawn(async move {
                    let _guard = guard;
                    while let Some(Ok(frame)) = body.frame().await {
                        if sender.send(Ok(frame)).await.is_err() {
                            return;
                        }
                    }
                    sender.closed().await;
                });
                let frames = tokio_stream::wrappers::ReceiverStream::new(receiver);
                return grpc(StreamBody::new(frames).boxed_unsync());
            }
            _ => {}
        }
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let head_status = head.headers.get("x-status").cloned();
        self.seen.lock().unwrap().push(Seen {
            uri: head.uri.to_string(),
            headers: head.headers,
            body: body.clone(),
        });
        let status = head_status.map(|status| status.to_str().unwrap().parse().unwrap());
        match head.uri.path() {
            path if path.ends_with("/Scripted") => self.scripted(status),
            "/pkg.Svc/Echo" | "/pkg.Bytes/Echo" => {
                let mut trailers = HeaderMap::new();
                trailers.insert("grpc-status", HeaderValue::from_static("0"));
                trailers.insert("x-trailer", HeaderValue::from_static("kept"));
                let frames = [Ok(Frame::data(body)), Ok(Frame::trailers(trailers))];
                grpc(StreamBody::new(tokio_stream::iter(frames)).boxed_unsync())
            }
            "/pkg.Svc/Fail" => {
                let mut response = grpc(full(""));
                response.headers_mut().insert("grpc-status", HeaderValue::from_static("5"));
                response
            }
            "/html" => {
                let mut response = Response::new(full("<h1>bad</h1>"));
                *response.status_mut() = StatusCode::BAD_GATEWAY;
                response
            }
            "/.well-known/jwks.json" => Response::new(full(self.jwks.lock().unwrap().clone())),
            _ => Response::new(full(body)),
        }
    }

    /// Sets data and trailers that methods called `Scripted` answer; without trailers the answer just ends.
    pub fn script(&self, data: &[Bytes], trailers: &[(&'static str, &str)]) {
        let trailers =
            trailers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        *self.scripted.lock().unwrap() = (data.to_vec(), trailers);
    }

    /// With an HTTP status of its own the answer is a head alone.
    fn scripted(&self, status: Option<StatusCode>) -> Response<Body> {
        let (data, trailers) = self.scripted.lock().unwrap().clone();
        if let Some(status) = status {
            let mut response = grpc(full(""));
            response.headers_mut().extend(trailers);
            *response.status_mut() = status;
            return response;
        }
        let data = data.into_iter().map(Frame::data);
        let trailers = (!trailers.is_empty()).then(|| Frame::trailers(trailers));
        let frames: Vec<_> = data.chain(trailers).map(Ok).collect();
        grpc(StreamBody::new(tokio_stream::iter(frames)).boxed_unsync())
    }

    pub fn last(&self) -> Seen {
        self.seen.lock().unwrap().last().unwrap().clone()
    }
}

pub fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).boxed_unsync()
}

fn grpc(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}

/// A bootstrap with one listener, one cluster called `up`, and the parts given.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub manager: &'static str,
    pub filters: String,
    pub host: &'static str,
    pub routes: String,
    pub tls: String,
}

pub const ROUTER: &str = "{ name: envoy.filters.http.router, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }";

impl Config {
    pub fn yaml(&self, upstream: SocketAddr) -> String {
        let Self { manager, filters, host, routes, tls } = self;
        let routes =
            if routes.is_empty() { "[{ match: { prefix: / }, route: { cluster: up } }]" } else { routes };
        let (ip, port) = (upstream.ip(), upstream.port());
        format!(
            r#"
admin: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }} }}
static_resources:
  listeners:
  - name: main
    address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: main
          use_remote_address: true
          normalize_path: true
          merge_slashes: true
          {manager}
          http_filters: [{filters}{ROUTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              {host}
              routes: {routes}
  clusters:
  - name: up
    type: STATIC
    connect_timeout: 1s
    load_assignment:
      cluster_name: up
      endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {{ socket_address: {{ address: {ip}, port_value: {port} }} }} }} }}] }}]
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicitHttpConfig: {{ http2ProtocolOptions: {{}} }}
    {tls}
"#
        )
    }

    pub async fn start(&self, upstream: SocketAddr) -> TestEdge {
        TestEdge::start(Edge::from_yaml(&self.yaml(upstream), Path::new(".")).unwrap()).await
    }
}

/// A running edge.
pub struct TestEdge {
    pub address: SocketAddr,
    pub admin: SocketAddr,
    pub drain: DrainTrigger,
    pub served: tokio::task::JoinHandle<()>,
}

impl TestEdge {
    pub async fn start(edge: Edge) -> Self {
        let bound = edge.bind().await.unwrap();
        let (drain, observer) = Drain::new();
        let (address, admin) = (bound.listener_addrs()[0], bound.admin_addr().unwrap());
        let served = tokio::spawn(bound.serve(observer));
        Self { address, admin, drain, served }
    }

    /// Sends one request over HTTP/2 and reads the whole answer.
    pub async fn h2(&self, request: Request<Body>) -> Answer {
        let (answer, _connection) = self.h2_open(request).await;
        Answer::read(answer).await
    }

    /// A connection for many requests.
    pub async fn connect(&self) -> Connection {
        let stream = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
        tokio::spawn(connection);
        Connection { sender, address: self.address }
    }

    /// The answer's head, with its body still open.
    pub async fn h2_open(&self, request: Request<Body>) -> (Response<Incoming>, impl Sized) {
        let connection = self.connect().await;
        (connection.open(request).await, connection)
    }

    /// Sends one request over HTTP/1.1.
    pub async fn h1(&self, mut request: Request<Body>) -> Answer {
        let stream = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("shop.example"));
        Answer::read(within(sender.send_request(request)).await.unwrap()).await
    }
}

/// An HTTP/2 connection to the edge.
#[derive(Clone)]
pub struct Connection {
    sender: hyper::client::conn::http2::SendRequest<Body>,
    address: SocketAddr,
}

impl Connection {
    /// Sends one request; the answer's head, with its body still open.
    pub async fn open(&self, mut request: Request<Body>) -> Response<Incoming> {
        let absolute = format!("http://{}{}", self.address, request.uri());
        *request.uri_mut() = absolute.parse().unwrap();
        within(self.sender.clone().send_request(request)).await.unwrap()
    }

    /// The same; none if the edge breaks the request off.
    pub async fn try_ask(&self, mut request: Request<Body>) -> Option<Answer> {
        let absolute = format!("http://{}{}", self.address, request.uri());
        *request.uri_mut() = absolute.parse().unwrap();
        let (head, body) = self.sender.clone().send_request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: head.status.as_u16(), headers: head.headers, body, trailers: HeaderMap::new() })
    }

    /// Sends one request and reads the whole answer.
    pub async fn ask(&self, request: Request<Body>) -> Answer {
        Answer::read(self.open(request).await).await
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: HeaderMap,
}

impl Answer {
    pub async fn read(response: Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        let body = within(body.collect()).await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        Self { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes(), trailers }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub fn get(path: &str, headers: &[(&'static str, &str)]) -> Request<Body> {
    let mut request = Request::new(full(""));
    *request.uri_mut() = path.parse().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    request
}

pub fn post(path: &str, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Request<Body> {
    let mut request = get(path, headers);
    *request.method_mut() = http::Method::POST;
    *request.body_mut() = full(body);
    request
}

/// Fails instead of waiting forever.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("no result within 10 s")
}
