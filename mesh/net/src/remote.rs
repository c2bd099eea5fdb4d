//! The other end of a connection.

use std::net::SocketAddr;

use rustls::pki_types::CertificateDer;

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub struct Remote {
    /// Its address.
    pub address: SocketAddr,
    /// Its certificate, when TLS asked for one.
    pub certificate: Option<CertificateDer<'static>>,
}
