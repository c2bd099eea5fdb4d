//! As whom a process speaks. Only `up` and `pki` ever see the authority's key.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use shopmesh_mesh::{
    ServiceName,
    workload::{CertificateAuthority, Identity, IdentityFiles, SpiffeId, TrustDomain, Workload},
};

use crate::cli::ServeArgs;

/// Where identities come from.
#[derive(Debug)]
pub enum Identities {
    /// Signed when they are asked for, and written to the folder.
    Signed {
        /// Who signs.
        authority: Box<CertificateAuthority>,
        /// Where they are written.
        folder: PathBuf,
    },
    /// In a folder, named as `pki issue` names them.
    Folder(PathBuf),
    /// One workload's.
    Files(IdentityFiles),
}

impl Identities {
    /// Those of an authority that lies in the folder, and is made if need be.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn signed_in(folder: PathBuf) -> anyhow::Result<Self> {
        let authority = Box::new(CertificateAuthority::load_or_create(&folder, &TrustDomain::default())?);
        Ok(Self::Signed { authority, folder })
    }

    /// As `serve` is told.
    ///
    /// # Errors
    /// When the files of one are to serve several.
    pub fn of(args: &ServeArgs, services: &[ServiceName], pki: PathBuf) -> anyhow::Result<Self> {
        let (Some(cert), Some(key), Some(roots)) = (&args.certificate, &args.private_key, &args.trust_bundle)
        else {
            return Ok(Self::Folder(args.pki.clone().unwrap_or(pki)));
        };
        if services.len() > 1 {
            bail!(
                "--certificate names one service, not {}: give --pki with the files of each",
                services.len()
            );
        }
        Ok(Self::Files(IdentityFiles { cert: cert.clone(), key: key.clone(), roots: roots.clone() }))
    }

    /// The files of `id`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn files(&self, id: &SpiffeId) -> anyhow::Result<IdentityFiles> {
        Ok(match self {
            Self::Signed { authority, folder } => authority.issue_to(id, folder)?,
            Self::Folder(folder) => IdentityFiles::in_folder(folder, id),
            Self::Files(files) => files.clone(),
        })
    }

    /// The identity of a service, and its files.
    ///
    /// # Errors
    /// When there is none, or it is another workload's.
    pub fn service(&self, service: ServiceName) -> anyhow::Result<(Arc<Identity>, IdentityFiles)> {
        let id = SpiffeId::service(service);
        let files = self.files(&id)?;
        let identity = Identity::load(&files).with_context(|| missing(&id, &files.cert))?;
        if identity.id().workload != Workload::Service(service) {
            let shown = files.cert.display();
            bail!("{shown} is the certificate of {}, and {service} needs one of {id}", identity.id());
        }
        Ok((identity, files))
    }
}

fn missing(id: &SpiffeId, cert: &Path) -> String {
    format!("no usable identity in {}: `shopmesh pki issue {id}` makes one", cert.display())
}
