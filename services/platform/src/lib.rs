//! What clients of the edge need beside the shop itself: landing page, web applications, health, system status, and
//! reflection of the public contracts. Keeps no state.
//!
//! See README.md for what it owns, promises and needs, and CONTRIBUTING.md for the rooms of a service.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod app;
mod assets;
mod config;
mod domain;
mod grpc;
mod peers;
#[cfg(test)]
mod tests;
mod translate;

use std::sync::Arc;

use shopmesh_kit::service::{Service, ServiceEnv};
use shopmesh_mesh::server::Reflected;

use crate::{app::App, assets::Assets, config::Config};

/// Builds the service.
///
/// # Errors
/// When the configuration holds a key that is not known.
pub async fn build(env: ServiceEnv) -> anyhow::Result<Service> {
    env.settings.parse::<Config>()?;
    let app = Arc::new(App::new(env.mesh, Assets::built_in()));
    Ok(Service { reflected: Reflected::Public, ..Service::new(env.service, grpc::routes(app)) })
}
