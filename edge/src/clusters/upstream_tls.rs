//! TLS to an upstream: our certificate, its roots, and the names it must carry.

use std::{path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::{
    config::{SanMatcherConfig, SanType, TlsCertificate, TlsParams, TlsProtocol, UpstreamTlsContext},
    tls_files::{Current, OwnCertificate, TlsFiles},
};
use crate::bootstrap::{
    reader::{ConfigError, TypedConfig, YamlPath, read},
    schema::NamedConfig,
};

const UPSTREAM_TLS_CONTEXT: &str = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";

/// How to speak TLS to a cluster.
pub struct UpstreamTls {
    pub config: Arc<ClientConfig>,
    pub server_name: ServerName<'static>,
    pub files: TlsFiles,
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
        let own = at_most_one(common.tls_certificates, &at.field("tls_certificates"))?;
        let files = TlsFiles {
            base_dir: base_dir.to_owned(),
            own,
            roots: common.validation_context.trusted_ca.filename.0,
            at: at.clone(),
            current: Arc::default(),
        };
        files.read()?;
        let verifier = SanVerifier {
            current: files.current.clone(),
            sans: common.validation_context.match_typed_subject_alt_names,
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = builder(provider, &common.tls_params, &at)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match files.own {
            Some(_) => builder.with_client_cert_resolver(Arc::new(OwnCertificate(files.current.clone()))),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Self { config: Arc::new(config), server_name, files })
    }
}

fn at_most_one(mut given: Vec<TlsCertificate>, at: &YamlPath) -> Result<Option<TlsCertificate>, ConfigError> {
    match given.len() {
        0 | 1 => Ok(given.pop()),
        _ => Err(at.error("more than one certificate is not supported by this edge")),
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

/// Accepts a certificate that chains to the roots and carries one of the wanted names; without wanted names, the SNI.
#[derive(Debug)]
struct SanVerifier {
    current: Current,
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
            &self.current.load().roots,
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
