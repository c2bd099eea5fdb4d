//! `shopmesh pki`: certificates for operators and services.

use crate::{
    cli::{PkiArgs, PkiCommand},
    layout::Paths,
};
use anyhow::Context;
use shopmesh_mesh::identity::{CertificateAuthority, SpiffeId};
use std::io::Write;

/// Issues a certificate and says where it lies.
pub fn run(args: &PkiArgs) -> anyhow::Result<()> {
    let PkiCommand::Issue { id, data } = &args.command;
    let id: SpiffeId = id.parse().with_context(|| format!("`{id}` is not a SPIFFE id of shopmesh"))?;
    let folder = Paths::new(data).pki();
    let authority = CertificateAuthority::load_or_create(&folder, &id.trust_domain)?;
    let files = authority.issue_to(&id, &folder)?;
    let mut out = std::io::stdout();
    writeln!(out, "certificate  {}", files.cert.display())?;
    writeln!(out, "private key  {}", files.key.display())?;
    writeln!(out, "roots        {}", files.roots.display())?;
    Ok(())
}
