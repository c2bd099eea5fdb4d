//! Certificate, key and roots of a cluster, as the files that the YAML names hold them now.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use rustls::{
    RootCertStore, SignatureScheme,
    client::ResolvesClientCert,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use shopmesh_net::changed_files::ChangedFiles;

use super::config::TlsCertificate;
use crate::bootstrap::reader::{ConfigError, YamlPath, resolve};

/// What new connections use.
pub type Current = Arc<ArcSwap<Material>>;

/// Our certificate and the roots of upstreams.
#[derive(Debug)]
pub struct Material {
    pub roots: RootCertStore,
    own: Option<Arc<CertifiedKey>>,
}

impl Default for Material {
    fn default() -> Self {
        Self { roots: RootCertStore::empty(), own: None }
    }
}

/// The files of `common_tls_context`.
pub struct TlsFiles {
    pub base_dir: PathBuf,
    pub own: Option<TlsCertificate>,
    pub roots: String,
    /// Where they are named.
    pub at: YamlPath,
    pub current: Current,
}

impl TlsFiles {
    /// Takes what the files hold. What cannot be used leaves what is there.
    ///
    /// # Errors
    /// Names the file, and its place in the YAML.
    pub fn read(&self) -> Result<(), ConfigError> {
        let at = self.at.field("validation_context").field("trusted_ca").field("filename");
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&self.base_dir, &self.roots, &at)? {
            roots.add(certificate).map_err(|e| at.error(format!("not usable as a root: {e}")))?;
        }
        let at = self.at.field("tls_certificates").index(0);
        let own = self.own.as_ref().map(|own| self.certified_key(own, &at)).transpose()?;
        self.current.store(Arc::new(Material { roots, own }));
        Ok(())
    }

    fn certified_key(&self, own: &TlsCertificate, at: &YamlPath) -> Result<Arc<CertifiedKey>, ConfigError> {
        let chain_at = at.field("certificate_chain").field("filename");
        let chain = certificates(&self.base_dir, &own.certificate_chain.filename.0, &chain_at)?;
        let name = &own.private_key.filename.0;
        let key = PrivateKeyDer::from_pem_file(resolve(&self.base_dir, name)).map_err(|e| {
            at.field("private_key").field("filename").error(format!("cannot read {name:?}: {e}"))
        })?;
        let provider = rustls::crypto::ring::default_provider();
        let key = CertifiedKey::from_der(chain, key, &provider);
        Ok(Arc::new(key.map_err(|e| at.error(format!("not usable: {e}")))?))
    }

    /// Takes what the files hold now, and then each time they change, for new connections.
    pub async fn follow(&self, cluster: &str) {
        let own =
            self.own.iter().flat_map(|own| [&own.certificate_chain.filename.0, &own.private_key.filename.0]);
        let names = own.chain([&self.roots]);
        let paths = names.map(|name| resolve(&self.base_dir, name)).collect();
        let mut changes = ChangedFiles::since_now(paths);
        // What was replaced since the bootstrap was read.
        if let Err(error) = self.read() {
            tracing::warn!(cluster, %error, "a certificate that was replaced cannot be used, the old one stays");
        }
        loop {
            changes.changed().await;
            match self.read() {
                Ok(()) => tracing::info!(cluster, "new certificate, for new connections"),
                Err(error) => {
                    tracing::warn!(cluster, %error, "a new certificate cannot be used, the old one stays")
                }
            }
        }
    }
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

/// Shows the current certificate to upstreams.
#[derive(Debug)]
pub struct OwnCertificate(pub Current);

impl ResolvesClientCert for OwnCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.load().own.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}
