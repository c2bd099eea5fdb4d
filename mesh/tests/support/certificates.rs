//! Certificates that no authority of ours would sign.

use std::{fs, ops::Range, path::Path, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    version::TLS13,
};
use shopmesh_mesh::workload::IdentityFiles;
use time::{Duration, OffsetDateTime};

/// An authority that signs anything.
pub struct TestAuthority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key.
pub struct TestCertificate {
    certificate: String,
    key: String,
}

impl TestAuthority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate with these URIs, valid between two times in hours from now.
    pub fn issue(&self, uris: &[&str], hours: Range<i64>, usage: ExtendedKeyUsagePurpose) -> TestCertificate {
        let mut params = CertificateParams::default();
        params.subject_alt_names = uris.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())).collect();
        params.extended_key_usages = vec![usage];
        let now = OffsetDateTime::now_utc();
        params.not_before = now + Duration::hours(hours.start);
        params.not_after = now + Duration::hours(hours.end);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        TestCertificate { certificate, key: key.serialize_pem() }
    }

    /// Writes a certificate as the identity of a process that trusts this authority.
    pub fn write(&self, certificate: &TestCertificate, folder: &Path) -> IdentityFiles {
        let files = IdentityFiles {
            cert: folder.join("test.crt"),
            key: folder.join("test.key"),
            roots: folder.join("test-ca.crt"),
        };
        fs::write(&files.cert, &certificate.certificate).unwrap();
        fs::write(&files.key, &certificate.key).unwrap();
        fs::write(&files.roots, &self.pem).unwrap();
        files
    }
}

impl TestCertificate {
    /// A client that shows this certificate to whatever server.
    pub fn client(&self) -> Arc<ClientConfig> {
        let chain = vec![CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        trusting().map_client(|builder| builder.with_client_auth_cert(chain, key).unwrap())
    }

    /// A client that shows none.
    pub fn no_client() -> Arc<ClientConfig> {
        trusting().map_client(|builder| builder.with_no_client_auth())
    }
}

/// The settings of a client before it has a certificate.
struct Trusting(rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>);

fn trusting() -> Trusting {
    let provider = Arc::new(ring::default_provider());
    Trusting(
        ClientConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyServer(provider))),
    )
}

impl Trusting {
    fn map_client(
        self,
        finish: impl FnOnce(rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>) -> ClientConfig,
    ) -> Arc<ClientConfig> {
        let mut config = finish(self.0);
        config.alpn_protocols = vec![b"h2".to_vec()];
        Arc::new(config)
    }
}

/// Takes every server, since the server's check of the client is what is under test.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
