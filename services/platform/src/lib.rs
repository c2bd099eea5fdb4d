//! Platform: what clients of the edge need beside the shop itself. Landing page, health, system status, and
//! reflection of the public contracts. Keeps no state.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod assets;
mod domain;
mod grpc;

use assets::Assets;
use grpc::PlatformApi;
use shopmesh_kit::service::{Service, ServiceEnv};
use shopmesh_mesh::server::Reflected;
use shopmesh_proto::platform::v1::platform_service_server::PlatformServiceServer;
use tonic::service::Routes;

/// Builds the service.
///
/// # Errors
/// When the configuration holds a key that is not known.
pub fn build(env: &ServiceEnv) -> anyhow::Result<Service> {
    env.settings.parse::<Config>()?;
    let api = PlatformApi::new(env.mesh.clone(), Assets::built_in());
    let routes = Routes::new(PlatformServiceServer::new(api));
    Ok(Service { reflected: Reflected::Public, ..Service::new(env.service, routes) })
}

/// The `[platform]` table of the configuration: nothing can be set, so that a mistaken key is told.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {}
