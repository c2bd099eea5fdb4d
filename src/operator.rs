//! The running shop, reached over mTLS as its operator.

use anyhow::Context;
use shopmesh_mesh::{
    ServiceName,
    client::MeshClient,
    discovery::Directory,
    identity::{Identity, IdentityFiles, SpiffeId},
    telemetry::Metrics,
};
use std::path::Path;

/// The way to the services of the shop on this machine, with the operator certificate in `<data>/pki`.
///
/// # Errors
/// When there is no certificate: the shop was never started.
pub fn client(data: &Path, port_offset: u16) -> anyhow::Result<MeshClient> {
    let pki = data.join("pki");
    let files = IdentityFiles::in_folder(&pki, &SpiffeId::operator("cli"));
    let identity = Identity::load(&files).with_context(|| {
        format!(
            "no operator certificate in {}: start the shop with `shopmesh up` first, or name its data folder with --data",
            pki.display()
        )
    })?;
    Ok(MeshClient::new(identity, Directory::loopback(port_offset), Metrics::default()))
}

/// What to say when the first call to `service` fails.
pub fn not_running(service: ServiceName, port_offset: u16) -> String {
    format!(
        "{service} does not answer on port {}: start the shop with `shopmesh up`, or give its --port-offset",
        service.default_port().saturating_add(port_offset)
    )
}
