//! Who is who: SPIFFE ids, certificates, and the TLS settings that prove them.

mod authority;
mod credentials;
mod follow;
mod spiffe;
mod verify;

pub use authority::{AuthorityError, CertificateAuthority, IssuedCertificate};
pub use spiffe::{InvalidSpiffeId, SpiffeId, TrustDomain, Workload};
pub use verify::peer_id;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use rustls::{
    ClientConfig, ServerConfig,
    client::Resumption,
    crypto::{CryptoProvider, ring},
    version::TLS13,
};

use credentials::{Credentials, Current, OwnCertificate};

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
    /// A certificate of somebody else.
    #[error("the certificate is of {found}, not of {expected}")]
    OtherWorkload {
        /// Whose it should be.
        expected: SpiffeId,
        /// Whose it is.
        found: SpiffeId,
    },
    /// Certificate and key do not work together.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// A workload's own certificate and key, and whom it trusts. All of it can be replaced while calls run: connections
/// that are open keep what they were opened with, new ones use what is new.
pub struct Identity {
    id: SpiffeId,
    current: Current,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Identity").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads and checks an identity.
    pub fn load(files: &IdentityFiles) -> Result<Arc<Self>, IdentityError> {
        let (id, credentials) = Credentials::read(files)?;
        Ok(Arc::new(Self { id, current: Arc::new(ArcSwap::from_pointee(credentials)) }))
    }

    /// Takes a new certificate, key and roots. They are checked first: what cannot be used, or is another workload's,
    /// leaves the old ones in place.
    pub fn reload(&self, files: &IdentityFiles) -> Result<(), IdentityError> {
        let (id, credentials) = Credentials::read(files)?;
        if id != self.id {
            return Err(IdentityError::OtherWorkload { expected: self.id.clone(), found: id });
        }
        self.current.store(Arc::new(credentials));
        Ok(())
    }

    /// The certificate that new connections show, DER.
    pub fn certificate(&self) -> Vec<u8> {
        self.current.load().leaf()
    }

    /// Its own id.
    pub fn id(&self) -> &SpiffeId {
        &self.id
    }

    /// TLS 1.3 for a server that demands a certificate of the trust domain. No session resumption: a peer proves
    /// itself on each connection.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, IdentityError> {
        let verifier = verify::ClientIdentity::new(self.current.clone(), self.id.trust_domain.clone());
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_cert_resolver(Arc::new(OwnCertificate(self.current.clone())));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }

    /// TLS 1.3 for a client that accepts exactly one peer.
    pub fn client_config(&self, expected: &SpiffeId) -> Result<Arc<ClientConfig>, IdentityError> {
        let verifier = verify::ServerIdentity::new(self.current.clone(), expected.clone(), provider());
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(OwnCertificate(self.current.clone())));
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }
}

/// The one crypto provider of the tree.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
