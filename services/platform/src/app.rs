//! What every handler needs.

use shopmesh_mesh::client::MeshClient;
use tokio::time::Instant;

use crate::assets::Assets;

/// The parts of the running service.
pub struct App {
    /// The way to the other services.
    pub mesh: MeshClient,
    /// The files it answers with.
    pub assets: Assets,
    /// When it started.
    pub started: Instant,
}

impl App {
    /// Asks the other services over `mesh`, and answers with these files.
    pub fn new(mesh: MeshClient, assets: Assets) -> Self {
        Self { mesh, assets, started: Instant::now() }
    }
}
