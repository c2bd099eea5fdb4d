//! `shopmesh pki`: certificates for operators and services.

use std::io::Write;

use shopmesh_mesh::workload::CertificateAuthority;

use crate::{
    cli::{PkiArgs, PkiCommand},
    layout::Paths,
};

/// Issues certificates and says where they lie.
pub fn run(args: &PkiArgs) -> anyhow::Result<()> {
    let PkiCommand::Issue { ids, data, out } = &args.command;
    let own = Paths::new(data).pki();
    let folder = out.as_ref().unwrap_or(&own);
    let mut shown = std::io::stdout();
    for id in ids {
        let authority = CertificateAuthority::load_or_create(&own, &id.trust_domain)?;
        let files = authority.issue_to(id, folder)?;
        writeln!(shown, "certificate  {}", files.cert.display())?;
        writeln!(shown, "private key  {}", files.key.display())?;
        writeln!(shown, "roots        {}", files.roots.display())?;
    }
    Ok(())
}
