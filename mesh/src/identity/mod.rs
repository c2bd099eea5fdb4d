//! Who is who: SPIFFE ids, certificates, and the TLS settings that prove them.

mod authority;
mod spiffe;
mod verify;

pub use authority::{AuthorityError, CertificateAuthority, IssuedCertificate};
pub use spiffe::{InvalidSpiffeId, SpiffeId, TrustDomain, Workload};
pub use verify::peer_id;

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::TLS13,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where an identity lies, PEM.
#[derive(Debug, Clone)]
pub struct IdentityFiles {
    /// Certificate chain.
    pub cert: PathBuf,
    /// Private key.
    pub key: PathBuf,
    /// Roots that sign peers.
    pub roots: PathBuf,
}

impl IdentityFiles {
    /// The files of `id` in a folder written by a `CertificateAuthority`.
    pub fn in_folder(folder: &Path, id: &SpiffeId) -> Self {
        let stem = id.file_stem();
        Self {
            cert: folder.join(format!("{stem}.crt")),
            key: folder.join(format!("{stem}.key")),
            roots: folder.join("ca.crt"),
        }
    }
}

/// Why an identity cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file is missing or not PEM.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: String,
        /// Why.
        problem: String,
    },
    /// The certificate is not one workload's.
    #[error("{path}: the certificate does not carry exactly one SPIFFE id of shopmesh")]
    NotOneSpiffeId {
        /// The file.
        path: String,
    },
    /// Certificate and key do not work together.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// A workload's own certificate and key, and whom it trusts.
pub struct Identity {
    id: SpiffeId,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    roots: Arc<RootCertStore>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Identity").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads and checks an identity.
    pub fn load(files: &IdentityFiles) -> Result<Arc<Self>, IdentityError> {
        let chain = certificates(&files.cert)?;
        let id = chain
            .first()
            .and_then(|leaf| peer_id(leaf))
            .ok_or_else(|| IdentityError::NotOneSpiffeId { path: files.cert.display().to_string() })?;
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| file_error(&files.key, error))?;
        let mut roots = RootCertStore::empty();
        for root in certificates(&files.roots)? {
            roots.add(root)?;
        }
        let identity = Arc::new(Self { id, chain, key, roots: Arc::new(roots) });
        // Certificate and key are proven to fit now, not at the first handshake.
        identity.server_config()?;
        Ok(identity)
    }

    /// Its own id.
    pub fn id(&self) -> &SpiffeId {
        &self.id
    }

    /// TLS 1.3 for a server that demands a certificate of the trust domain. No session resumption: a peer proves
    /// itself on each connection.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, IdentityError> {
        let verifier =
            verify::ClientIdentity::new(self.roots.clone(), self.id.trust_domain.clone(), provider())?;
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(self.chain.clone(), self.key.clone_key())?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }

    /// TLS 1.3 for a client that accepts exactly one peer.
    pub fn client_config(&self, expected: &SpiffeId) -> Result<Arc<ClientConfig>, IdentityError> {
        let verifier = verify::ServerIdentity::new(self.roots.clone(), expected.clone(), provider());
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }
}

/// The one crypto provider of the tree.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| file_error(path, error))?;
    let chain: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| file_error(path, error))?;
    if chain.is_empty() { Err(file_error(path, "holds no certificate")) } else { Ok(chain) }
}

fn file_error(path: &Path, problem: impl ToString) -> IdentityError {
    IdentityError::File { path: path.display().to_string(), problem: problem.to_string() }
}
