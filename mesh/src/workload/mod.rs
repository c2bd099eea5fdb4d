//! Who is who: SPIFFE ids, certificates, and the TLS settings that prove them.

mod authority;
mod credentials;
mod crypto;
mod files;
mod follow;
mod spiffe;
mod verify;

pub use authority::{AuthorityError, CertificateAuthority, IssuedCertificate};
pub use files::{IdentityError, IdentityFiles};
pub use spiffe::{InvalidSpiffeId, SpiffeId, TrustDomain, Workload, peer_id};

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::{ClientConfig, ServerConfig, client::Resumption, version::TLS13};

use credentials::{Credentials, Current, OwnCertificate};
use crypto::provider;

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
