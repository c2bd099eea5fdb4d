//! TLS to an upstream: our certificate, its roots, and the names it must carry.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};

use super::config::{SanMatcherConfig, SanType, TlsCertificate, TlsParams, TlsProtocol, UpstreamTlsContext};
use crate::bootstrap::reader::{ConfigError, TypedConfig, YamlPath, read, resolve};
use crate::bootstrap::schema::NamedConfig;

const UPSTREAM_TLS_CONTEXT: &str = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";

/// How to speak TLS to a cluster.
#[derive(Clone)]
pub struct UpstreamTls {
    pub config: Arc<ClientConfig>,
    pub server_name: ServerName<'static>,
}

impl UpstreamTls {
    /// Reads `transport_socket` and loads the files it names.
    pub fn load(socket: NamedConfig, base_dir: &Path, at: &YamlPath) -> Result<Self, ConfigError> {
        let at = at.field("typed_config");
        let config = TypedConfig::split(socket.typed_config, &at)?;
        if config.type_name != UPSTREAM_TLS_CONTEXT {
            return Err(at.field("@type").error(format!("must be {UPSTREAM_TLS_CONTEXT}")));
        }
        let context: UpstreamTlsContext = read(config.fields, &at)?;
        let common = context.common_tls_context;
        let server_name = server_name(context.sni, &at.field("sni"))?;
        let at = at.field("common_tls_context");
        if common.alpn_protocols.iter().any(|protocol| protocol != "h2") {
            return Err(at.field("alpn_protocols").error("only [h2] is supported by this edge"));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let validation = at.field("validation_context");
        let roots_file = &common.validation_context.trusted_ca.filename.0;
        let verifier = SanVerifier {
            roots: roots(base_dir, roots_file, &validation.field("trusted_ca").field("filename"))?,
            sans: common.validation_context.match_typed_subject_alt_names,
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = builder(provider, &common.tls_params, &at)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let at = at.field("tls_certificates");
        let mut config = match <[TlsCertificate; 1]>::try_from(common.tls_certificates) {
            Ok([certificate]) => {
                let (chain, key) = certificate_and_key(base_dir, &certificate, &at.index(0))?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(|e| at.index(0).error(format!("not usable: {e}")))?
            }
            Err(none) if none.is_empty() => builder.with_no_client_auth(),
            Err(_) => return Err(at.error("more than one certificate is not supported by this edge")),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Self { config: Arc::new(config), server_name })
    }
}

fn server_name(sni: String, at: &YamlPath) -> Result<ServerName<'static>, ConfigError> {
    let name = if sni.is_empty() { "localhost".to_owned() } else { sni };
    ServerName::try_from(name).map_err(|_| at.error("must be a host name"))
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn builder(provider: Arc<CryptoProvider>, params: &TlsParams, at: &YamlPath) -> Result<Builder, ConfigError> {
    let allowed = |version| match version {
        TlsProtocol::V1_2 => params.tls_minimum_protocol_version != TlsProtocol::V1_3,
        _ => params.tls_maximum_protocol_version != TlsProtocol::V1_2,
    };
    let mut versions: Vec<&'static SupportedProtocolVersion> = Vec::new();
    if allowed(TlsProtocol::V1_3) {
        versions.push(&rustls::version::TLS13);
    }
    if allowed(TlsProtocol::V1_2) {
        versions.push(&rustls::version::TLS12);
    }
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions)
        .map_err(|e| at.field("tls_params").error(e.to_string()))
}

fn roots(base_dir: &Path, name: &str, at: &YamlPath) -> Result<RootCertStore, ConfigError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(base_dir, name, at)? {
        roots.add(certificate).map_err(|e| at.error(format!("not usable as a root: {e}")))?;
    }
    Ok(roots)
}

fn certificates(
    base_dir: &Path,
    name: &str,
    at: &YamlPath,
) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let read = || CertificateDer::pem_file_iter(resolve(base_dir, name))?.collect::<Result<Vec<_>, _>>();
    match read() {
        Ok(certificates) if certificates.is_empty() => {
            Err(at.error(format!("{name:?} holds no certificate")))
        }
        Ok(certificates) => Ok(certificates),
        Err(e) => Err(at.error(format!("cannot read {name:?}: {e}"))),
    }
}

fn certificate_and_key(
    base_dir: &Path,
    config: &TlsCertificate,
    at: &YamlPath,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), ConfigError> {
    let chain = certificates(
        base_dir,
        &config.certificate_chain.filename.0,
        &at.field("certificate_chain").field("filename"),
    )?;
    let name = &config.private_key.filename.0;
    let key = PrivateKeyDer::from_pem_file(resolve(base_dir, name))
        .map_err(|e| at.field("private_key").field("filename").error(format!("cannot read {name:?}: {e}")))?;
    Ok((chain, key))
}

/// Accepts a certificate that chains to the roots and carries one of the wanted names; without wanted names, the SNI.
#[derive(Debug)]
struct SanVerifier {
    roots: RootCertStore,
    sans: Vec<SanMatcherConfig>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl SanVerifier {
    fn has_wanted_name(&self, certificate: &CertificateDer<'_>) -> bool {
        let Ok(certificate) = webpki::EndEntityCert::try_from(certificate) else { return false };
        self.sans.iter().any(|san| match san.san_type {
            SanType::Uri => certificate.valid_uri_names().any(|name| san.matcher.is_match(name)),
            SanType::Dns => certificate.valid_dns_names().any(|name| san.matcher.is_match(name)),
        })
    }
}

impl ServerCertVerifier for SanVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let parsed = ParsedCertificate::try_from(end_entity)?;
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &self.roots,
            intermediates,
            now,
            self.algorithms.all,
        )?;
        if self.sans.is_empty() {
            verify_server_name(&parsed, server_name)?;
        } else if !self.has_wanted_name(end_entity) {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
