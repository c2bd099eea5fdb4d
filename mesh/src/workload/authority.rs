//! The certificate authority of the embedded mode.

use std::{
    fs, io,
    net::{Ipv4Addr, Ipv6Addr},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::Duration,
};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls::pki_types::{CertificateDer, UnixTime, pem::PemObject};
use time::OffsetDateTime;

use super::{IdentityFiles, SpiffeId, TrustDomain, credentials::Credentials};
use crate::private;

/// Lifetime of the certificates that `issue_to` writes.
const LEAF_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// What must be left of one that is taken over by the next start.
const LEAF_KEPT: Duration = Duration::from_secs(20 * 24 * 3600);
const CA_LIFETIME: Duration = Duration::from_secs(3650 * 24 * 3600);

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The folder holds the authority of another trust domain.
    #[error("{path} is not the authority of {trust_domain}: use another folder")]
    OtherDomain {
        /// Its certificate.
        path: String,
        /// What was asked for.
        trust_domain: TrustDomain,
    },
    /// The stored key or a parameter is not usable.
    #[error("the certificate authority: {0}")]
    Certificate(#[from] rcgen::Error),
}

/// A certificate and its key, PEM.
#[derive(Debug)]
pub struct IssuedCertificate {
    /// Certificate.
    pub certificate: String,
    /// Private key, PKCS#8.
    pub private_key: String,
}

/// Signs identities with a key that lies in a folder.
#[derive(Debug)]
pub struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl CertificateAuthority {
    /// Loads `ca.crt` and `ca.key`, or makes them. The key is readable by its owner only.
    pub fn load_or_create(folder: &Path, trust_domain: &TrustDomain) -> Result<Self, AuthorityError> {
        let (certificate, key) = (folder.join("ca.crt"), folder.join("ca.key"));
        let params = ca_params(trust_domain);
        if key.exists() {
            let key = KeyPair::from_pem(&read(&key)?)?;
            let pem = read(&certificate)?;
            // Peers look for the issuer by its name, which carries the trust domain.
            if !is_subject_of(&pem, trust_domain) {
                let path = certificate.display().to_string();
                return Err(AuthorityError::OtherDomain { path, trust_domain: trust_domain.clone() });
            }
            return Ok(Self { issuer: Issuer::new(params, key), certificate: pem });
        }
        private::folder(folder).map_err(|source| file_error(folder, source))?;
        let pair = KeyPair::generate()?;
        let pem = params.self_signed(&pair)?.pem();
        write(&certificate, &pem, 0o644)?;
        // Last: a key without its certificate would be taken for a whole authority.
        write(&key, &pair.serialize_pem(), 0o600)?;
        Ok(Self { issuer: Issuer::new(params, pair), certificate: pem })
    }

    /// The root certificate, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Signs an identity: one SPIFFE URI, with `localhost` beside it for tools that check host names.
    pub fn issue(&self, id: &SpiffeId, lifetime: Duration) -> Result<IssuedCertificate, AuthorityError> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![
            SanType::URI(id.to_string().try_into()?),
            SanType::DnsName("localhost".try_into()?),
            SanType::IpAddress(Ipv4Addr::LOCALHOST.into()),
            SanType::IpAddress(Ipv6Addr::LOCALHOST.into()),
        ];
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, id.file_stem());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, lifetime);
        let pair = KeyPair::generate()?;
        let certificate = params.signed_by(&pair, &self.issuer)?.pem();
        Ok(IssuedCertificate { certificate, private_key: pair.serialize_pem() })
    }

    /// An identity beside the root, named after the workload: signed for 30 days and written, unless one is there that
    /// this authority signed and that lasts for [`LEAF_KEPT`]. So a start writes nothing that need not be written.
    pub fn issue_to(&self, id: &SpiffeId, folder: &Path) -> Result<IdentityFiles, AuthorityError> {
        let files = IdentityFiles::in_folder(folder, id);
        if fs::read(&files.roots).ok().as_deref() != Some(self.certificate.as_bytes()) {
            private::folder(folder).map_err(|source| file_error(folder, source))?;
            write(&files.roots, &self.certificate, 0o644)?;
        }
        if self.has_issued(id, &files) {
            return Ok(files);
        }
        let issued = self.issue(id, LEAF_LIFETIME)?;
        write(&files.key, &issued.private_key, 0o600)?;
        write(&files.cert, &issued.certificate, 0o644)?;
        Ok(files)
    }

    /// Whether the files hold a usable identity of `id` that will still be one after [`LEAF_KEPT`].
    fn has_issued(&self, id: &SpiffeId, files: &IdentityFiles) -> bool {
        let then = UnixTime::since_unix_epoch(Duration::from_secs(UnixTime::now().as_secs()) + LEAF_KEPT);
        Credentials::read(files)
            .is_ok_and(|(found, credentials)| found == *id && credentials.are_good_at(then))
    }
}

/// Whether a stored root bears the name that `ca_params` gives it.
fn is_subject_of(pem: &str, trust_domain: &TrustDomain) -> bool {
    let Ok(certificate) = CertificateDer::from_pem_slice(pem.as_bytes()) else { return false };
    let Ok(parsed) = webpki::EndEntityCert::try_from(&certificate) else { return false };
    // The common name is all of the name: a UTF8String in DER, with its length, at the end.
    let name = common_name(trust_domain);
    let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
    let encoded = [&[0x0c, length], name.as_bytes()].concat();
    parsed.subject().ends_with(&encoded)
}

fn common_name(trust_domain: &TrustDomain) -> String {
    format!("{trust_domain} authority")
}

/// The same at every start, so that the stored certificate stays the issuer of what is signed later.
fn ca_params(trust_domain: &TrustDomain) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name(trust_domain));
    set_validity(&mut params, CA_LIFETIME);
    params
}

/// From an hour ago, for clocks that are behind.
fn set_validity(params: &mut CertificateParams, lifetime: Duration) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::from_secs(3600);
    params.not_after = now + lifetime;
}

fn read(path: &Path) -> Result<String, AuthorityError> {
    fs::read_to_string(path).map_err(|source| file_error(path, source))
}

/// Replaces a file as a whole: a reader sees the old one or the new one.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), AuthorityError> {
    let draft = path.with_extension("new");
    let attempt = || {
        // A leftover draft would keep its mode.
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    attempt().map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: io::Error) -> AuthorityError {
    AuthorityError::File { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{ServiceName, workload::Identity};

    fn domain(name: &str) -> TrustDomain {
        let id: SpiffeId = format!("spiffe://{name}/edge/main").parse().unwrap();
        id.trust_domain
    }

    #[test]
    fn an_authority_is_kept_and_its_keys_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
        let again = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
        assert_eq!(first.certificate(), again.certificate());
        let files = again.issue_to(&SpiffeId::service(ServiceName::Orders), folder.path()).unwrap();
        assert_eq!(Identity::load(&files).unwrap().id().to_string(), "spiffe://shopmesh.local/svc/orders");
        for key in [files.key, folder.path().join("ca.key")] {
            assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_certificate_is_kept_while_it_lasts() {
        let folder = tempfile::tempdir().unwrap();
        let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
        let id = SpiffeId::service(ServiceName::Orders);
        let files = authority.issue_to(&id, folder.path()).unwrap();
        let read = || (fs::read(&files.cert).unwrap(), fs::read(&files.key).unwrap());
        let first = read();
        authority.issue_to(&id, folder.path()).unwrap();
        assert_eq!(read(), first);

        // One that ends soon, one whose key is lost, one of another authority: made anew.
        let short = authority.issue(&id, LEAF_KEPT - Duration::from_secs(60)).unwrap();
        fs::write(&files.cert, &short.certificate).unwrap();
        fs::write(&files.key, &short.private_key).unwrap();
        authority.issue_to(&id, folder.path()).unwrap();
        assert_ne!(read().0, short.certificate.into_bytes());
        fs::remove_file(&files.key).unwrap();
        authority.issue_to(&id, folder.path()).unwrap();
        let before = read();
        let elsewhere = tempfile::tempdir().unwrap();
        let other = CertificateAuthority::load_or_create(elsewhere.path(), &TrustDomain::default()).unwrap();
        for name in ["ca.crt", "ca.key"] {
            fs::copy(elsewhere.path().join(name), folder.path().join(name)).unwrap();
        }
        other.issue_to(&id, folder.path()).unwrap();
        assert_ne!(read(), before);
    }

    #[test]
    fn an_authority_is_of_one_trust_domain() {
        let folder = tempfile::tempdir().unwrap();
        CertificateAuthority::load_or_create(folder.path(), &domain("a.example")).unwrap();
        for other in ["b.example", "example", "ba.example"] {
            let refused = CertificateAuthority::load_or_create(folder.path(), &domain(other)).unwrap_err();
            assert!(refused.to_string().contains(other), "{refused}");
        }
        CertificateAuthority::load_or_create(folder.path(), &domain("a.example")).unwrap();
    }
}
