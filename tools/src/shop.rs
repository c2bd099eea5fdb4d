//! Where a shop is, and the way into a running one, over mTLS as its operator.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use shopmesh_mesh::{
    ServiceName,
    client::MeshClient,
    discovery::Directory,
    telemetry::Metrics,
    workload::{Identity, IdentityFiles, SpiffeId},
};
use shopmesh_proto::ports;

/// Where a shop is.
#[derive(Debug, Args, Clone)]
pub struct ShopArgs {
    /// Data directory: databases, certificates, mails.
    #[arg(long, value_name = "DIR", default_value = ".shopmesh")]
    pub data: PathBuf,
    /// Added to every port, so that several shops fit on one machine.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=i64::from(ports::MOST_OFFSET)))]
    pub port_offset: u16,
}

impl ShopArgs {
    /// The way to its services on this machine, with the operator certificate in `<data>/pki`.
    ///
    /// # Errors
    /// When there is no certificate: the shop was never started.
    pub(crate) fn operator(&self) -> anyhow::Result<MeshClient> {
        let pki = self.data.join("pki");
        let files = IdentityFiles::in_folder(&pki, &SpiffeId::operator("cli"));
        let identity = Identity::load(&files).with_context(|| {
            format!(
                "no operator certificate in {}: start the shop with `shopmesh up` first, or name its data folder with --data",
                pki.display()
            )
        })?;
        Ok(MeshClient::new(identity, Directory::loopback(self.port_offset), Metrics::default()))
    }

    /// What to say when the first call to `service` fails.
    pub(crate) fn not_running(&self, service: ServiceName) -> String {
        format!(
            "{service} does not answer on port {}: start the shop with `shopmesh up`, or give its --port-offset",
            service.default_port().saturating_add(self.port_offset)
        )
    }
}
