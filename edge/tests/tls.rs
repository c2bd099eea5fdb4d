//! mTLS to the upstream: exactly the expected SPIFFE id is spoken to.

use std::path::Path;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use rustls::pki_types::PrivateKeyDer;
use shopmesh_edge::Edge;
use tokio::net::TcpListener;

use crate::support::{Config, TestEdge, Upstream, get};

struct Pki {
    ca: CertifiedIssuer<'static, KeyPair>,
    dir: tempfile::TempDir,
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
        std::fs::write(pki.dir.path().join("edge.crt"), certificate.pem()).unwrap();
        std::fs::write(pki.dir.path().join("edge.key"), key.serialize_pem()).unwrap();
        pki
    }

    fn issue(&self, id: &str) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.subject_alt_names.push(SanType::URI(id.try_into().unwrap()));
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.ca).unwrap(), key)
    }

    /// A service that asks for a client certificate of this PKI.
    async fn service(&self, id: &str) -> (std::net::SocketAddr, Upstream) {
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
        let service = upstream.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = socket.accept().await.unwrap();
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        service.serve(TokioIo::new(stream)).await;
                    }
                });
            }
        });
        (address, upstream)
    }

    async fn edge(&self, address: std::net::SocketAddr, expected: &str) -> TestEdge {
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
        TestEdge::start(Edge::from_yaml(&yaml, Path::new(self.dir.path())).unwrap()).await
    }
}

#[tokio::test]
async fn only_the_expected_identity_is_spoken_to() {
    let pki = Pki::new();
    let (address, upstream) = pki.service("spiffe://shop/svc/orders").await;
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
    let (address, upstream) = theirs.service("spiffe://shop/svc/orders").await;
    let edge = ours.edge(address, "spiffe://shop/svc/orders").await;
    assert_eq!(edge.h1(get("/", &[])).await.status, 503);
    assert!(upstream.seen.lock().unwrap().is_empty());
}
