//! Where an identity lies, and why it cannot be used.

use std::path::{Path, PathBuf};

use super::spiffe::SpiffeId;

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
