//! In the place of every service: keeps what an edge sent it, and answers at random, to the same call the same.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use shopmesh_mesh::{
    ServiceName,
    workload::{CertificateAuthority, Identity, SpiffeId},
};
use shopmesh_proto::policy::PolicyTable;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::answers;
use crate::{
    contract::caller::types,
    support::{grpc::frame, noise::Noise},
};

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `/package.Service/Method`.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Listens as each of the services, by mTLS.
#[derive(Clone)]
pub struct Recorder {
    pub services: BTreeMap<String, Vec<SocketAddr>>,
    last: Arc<Mutex<Option<Seen>>>,
    seed: Arc<AtomicU64>,
}

impl Recorder {
    pub async fn start(authority: &CertificateAuthority, folder: &Path) -> Self {
        let mut recorder = Self { services: BTreeMap::new(), last: Arc::default(), seed: Arc::default() };
        for service in ServiceName::ALL {
            let files = authority.issue_to(&SpiffeId::service(service), folder).unwrap();
            let acceptor = TlsAcceptor::from(Identity::load(&files).unwrap().server_config().unwrap());
            let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
            recorder.services.insert(service.to_string(), vec![socket.local_addr().unwrap()]);
            tokio::spawn(recorder.clone().serve(socket, acceptor));
        }
        recorder
    }

    async fn serve(self, socket: TcpListener, acceptor: TlsAcceptor) {
        while let Ok((stream, _)) = socket.accept().await {
            let (acceptor, recorder) = (acceptor.clone(), self.clone());
            tokio::spawn(async move {
                let stream = TokioIo::new(acceptor.accept(stream).await.unwrap());
                let service = service_fn(move |request| {
                    let recorder = recorder.clone();
                    async move { Ok::<_, Infallible>(recorder.record(request).await) }
                });
                // A connection ends as its edge does.
                let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await;
            });
        }
    }

    async fn record(
        self,
        request: Request<Incoming>,
    ) -> Response<impl hyper::body::Body<Data = Bytes, Error = Infallible>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let answer = PolicyTable::global().method(&path).map(|policy| {
            let output = shopmesh_proto::descriptor_pool().get_message_by_name(&types(policy).1).unwrap();
            let mut noise = Noise(self.seed.load(Ordering::Relaxed));
            Bytes::from(frame(&answers::answer(&output, &mut noise).encode_to_vec()))
        });
        // Envoy begins a call before it has read the body, and takes it back when that is no JSON.
        if let Ok(body) = body.collect().await {
            let seen = Seen { path, headers: head.headers, body: body.to_bytes() };
            *self.last.lock().unwrap() = Some(seen);
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        let frames = [Ok(Frame::data(answer.unwrap_or_default())), Ok(Frame::trailers(trailers))];
        let body = StreamBody::new(tokio_stream::iter(frames));
        Response::builder().header("content-type", "application/grpc").body(body).unwrap()
    }

    /// Changes the answers.
    pub fn reseed(&self, seed: u64) {
        self.seed.store(seed, Ordering::Relaxed);
    }

    /// Takes out what came last.
    pub fn take(&self) -> Option<Seen> {
        self.last.lock().unwrap().take()
    }
}
