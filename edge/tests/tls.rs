//! mTLS to the upstream: exactly the expected SPIFFE id is spoken to.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use shopmesh_edge::Edge;
use tokio::{net::TcpListener, sync::watch};
use tokio_stream::wrappers::ReceiverStream;

use crate::support::{Config, TestEdge, Upstream, get, post, within};

struct Pki {
    ca: CertifiedIssuer<'static, KeyPair>,
    dir: tempfile::TempDir,
}

/// A service with TLS.
struct Service {
    address: SocketAddr,
    upstream: Upstream,
    /// What clients showed on each of their connections.
    shown: Arc<Mutex<Vec<CertificateDer<'static>>>>,
    /// Has the connections that are there take no more requests.
    end: watch::Sender<()>,
}

impl Pki {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ca.crt"), ca.pem()).unwrap();
        let pki = Self { ca, dir };
        let (certificate, key) = pki.issue("spiffe://shop/edge/main");
        pki.write("edge.crt", &certificate.pem());
        pki.write("edge.key", &key.serialize_pem());
        pki
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    fn issue(&self, id: &str) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.subject_alt_names.push(SanType::URI(id.try_into().unwrap()));
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.ca).unwrap(), key)
    }

    /// A service that asks for a client certificate of this PKI.
    async fn service(&self, id: &str) -> Service {
        let upstream = Upstream::start().await;
        let (certificate, key) = self.issue(id);
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.ca.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let clients =
            rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients.build().unwrap())
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let service = Service { address, upstream, shown: Arc::default(), end: watch::Sender::new(()) };
        let (upstream, shown, end) = (service.upstream.clone(), service.shown.clone(), service.end.clone());
        tokio::spawn(async move {
            loop {
                let (stream, _) = socket.accept().await.unwrap();
                let (acceptor, upstream, shown) = (acceptor.clone(), upstream.clone(), shown.clone());
                let mut end = end.subscribe();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let chain = stream.get_ref().1.peer_certificates().unwrap();
                    shown.lock().unwrap().push(chain[0].clone().into_owned());
                    let end = async move {
                        // The service goes before its connections.
                        let _ = end.changed().await;
                    };
                    upstream.serve_until(TokioIo::new(stream), end).await;
                });
            }
        });
        service
    }

    async fn edge(&self, address: SocketAddr, expected: &str) -> TestEdge {
        TestEdge::start(self.load(address, expected)).await
    }

    fn load(&self, address: SocketAddr, expected: &str) -> Edge {
        let tls = format!(
            r#"transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        sni: localhost
        common_tls_context:
          alpn_protocols: [h2]
          tls_params: {{ tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3 }}
          tls_certificates: [{{ certificate_chain: {{ filename: edge.crt }}, private_key: {{ filename: edge.key }} }}]
          validation_context:
            trusted_ca: {{ filename: ca.crt }}
            match_typed_subject_alt_names: [{{ san_type: URI, matcher: {{ exact: "{expected}" }} }}]"#
        );
        let yaml = Config { tls, ..Config::default() }.yaml(address);
        Edge::from_yaml(&yaml, Path::new(self.dir.path())).unwrap()
    }
}

#[tokio::test]
async fn only_the_expected_identity_is_spoken_to() {
    let pki = Pki::new();
    let Service { address, upstream, .. } = pki.service("spiffe://shop/svc/orders").await;
    let edge = pki.edge(address, "spiffe://shop/svc/orders").await;
    assert_eq!(edge.h1(get("/", &[])).await.status, 200);
    assert!(upstream.last().uri.starts_with("https://"));
    let edge = pki.edge(address, "spiffe://shop/svc/payments").await;
    assert_eq!(edge.h1(get("/", &[])).await.status, 503);
    assert_eq!(upstream.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn another_authority_is_not_trusted() {
    let (ours, theirs) = (Pki::new(), Pki::new());
    let Service { address, upstream, .. } = theirs.service("spiffe://shop/svc/orders").await;
    let edge = ours.edge(address, "spiffe://shop/svc/orders").await;
    assert_eq!(edge.h1(get("/", &[])).await.status, 503);
    assert!(upstream.seen.lock().unwrap().is_empty());
}

impl Service {
    /// What the edge shows on a connection that it opens now.
    async fn shown_by(&self, edge: &TestEdge) -> CertificateDer<'static> {
        let before = self.shown.lock().unwrap().len();
        self.end.send_replace(());
        loop {
            assert_eq!(within(edge.h1(get("/", &[]))).await.status, 200);
            let shown = self.shown.lock().unwrap();
            if shown.len() > before {
                return shown.last().unwrap().clone();
            }
        }
    }
}

async fn piece(answer: &mut Incoming) -> Bytes {
    within(answer.frame()).await.unwrap().unwrap().into_data().unwrap()
}

#[tokio::test]
async fn files_that_are_replaced_are_used_by_new_connections() {
    let pki = Pki::new();
    let service = pki.service("spiffe://shop/svc/orders").await;
    let edge = pki.edge(service.address, "spiffe://shop/svc/orders").await;
    let first = service.shown_by(&edge).await;
    // A call on a connection that stays.
    let (pieces, body) = tokio::sync::mpsc::channel(1);
    let mut call = post("/pkg.Svc/Stream", &[("content-type", "application/grpc")], "");
    *call.body_mut() = StreamBody::new(ReceiverStream::new(body)).boxed_unsync();
    pieces.send(Ok(Frame::data(Bytes::from_static(b"before")))).await.unwrap();
    let (mut answer, _connection) = edge.h2_open(call).await;
    assert_eq!(piece(answer.body_mut()).await, "before");

    let (certificate, key) = pki.issue("spiffe://shop/edge/main");
    pki.write("edge.crt", &certificate.pem());
    let written = Instant::now();
    // Files are looked at once a second.
    while written.elapsed() < Duration::from_millis(2500) {
        assert_eq!(service.shown_by(&edge).await, first, "its key is still to come");
    }
    pki.write("edge.key", &key.serialize_pem());
    within(async { while service.shown_by(&edge).await != *certificate.der() {} }).await;

    pieces.send(Ok(Frame::data(Bytes::from_static(b"after")))).await.unwrap();
    assert_eq!(piece(answer.body_mut()).await, "after", "what runs goes on");
}

#[tokio::test]
async fn files_that_were_replaced_before_the_edge_serves_are_used() {
    let pki = Pki::new();
    let service = pki.service("spiffe://shop/svc/orders").await;
    let loaded = pki.load(service.address, "spiffe://shop/svc/orders");
    let (certificate, key) = pki.issue("spiffe://shop/edge/main");
    pki.write("edge.crt", &certificate.pem());
    pki.write("edge.key", &key.serialize_pem());
    let edge = TestEdge::start(loaded).await;
    within(async { while service.shown_by(&edge).await != *certificate.der() {} }).await;
}
