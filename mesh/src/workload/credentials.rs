//! Certificate, key and roots as they are now.

use std::{path::Path, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    RootCertStore, SignatureScheme,
    client::ResolvesClientCert,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::CertifiedKey,
};

use super::{
    crypto::provider,
    files::{IdentityError, IdentityFiles},
    spiffe::{SpiffeId, peer_id},
};

/// The credentials that new connections use.
pub type Current = Arc<ArcSwap<Credentials>>;

/// One workload's credentials.
#[derive(Debug)]
pub struct Credentials {
    own: Arc<CertifiedKey>,
    /// Roots that sign peers.
    pub roots: Arc<RootCertStore>,
    /// Checks the chains of clients against them.
    pub clients: Arc<dyn ClientCertVerifier>,
}

impl Credentials {
    /// Reads credentials, and whose they are. Certificate and key are proven to fit now, not at the first handshake.
    pub fn read(files: &IdentityFiles) -> Result<(SpiffeId, Self), IdentityError> {
        let chain = certificates(&files.cert)?;
        let id = chain
            .first()
            .and_then(|leaf| peer_id(leaf))
            .ok_or_else(|| IdentityError::NotOneSpiffeId { path: files.cert.display().to_string() })?;
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| file_error(&files.key, error))?;
        let own = Arc::new(CertifiedKey::from_der(chain, key, &provider())?);
        let mut roots = RootCertStore::empty();
        for root in certificates(&files.roots)? {
            roots.add(root)?;
        }
        let roots = Arc::new(roots);
        let clients = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider())
            .build()
            .map_err(|error| file_error(&files.roots, error))?;
        Ok((id, Self { own, roots, clients }))
    }

    /// The certificate itself, DER.
    pub fn leaf(&self) -> Vec<u8> {
        self.own.cert.first().map(|leaf| leaf.to_vec()).unwrap_or_default()
    }

    /// Whether peers that trust the same roots take the certificate at that time.
    pub fn are_good_at(&self, time: UnixTime) -> bool {
        let verified =
            self.own.cert.split_first().map(|(leaf, rest)| self.clients.verify_client_cert(leaf, rest, time));
        verified.is_some_and(|verified| verified.is_ok())
    }
}

/// Shows the current certificate to peers.
#[derive(Debug)]
pub struct OwnCertificate(pub Current);

impl ResolvesServerCert for OwnCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().own.clone())
    }
}

impl ResolvesClientCert for OwnCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().own.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| file_error(path, error))?;
    let chain: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| file_error(path, error))?;
    if chain.is_empty() { Err(file_error(path, "holds no certificate")) } else { Ok(chain) }
}

fn file_error(path: &Path, problem: impl ToString) -> IdentityError {
    IdentityError::File { path: path.display().to_string(), problem: problem.to_string() }
}
