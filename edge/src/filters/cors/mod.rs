//! `envoy.filters.http.cors`: cross-origin requests of browsers, by the `CorsPolicy` of route or virtual host.

mod config;
mod filter;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    bootstrap::{
        reader::{ConfigError, YamlPath, read},
        scalars::EmptyMessage,
    },
    filters::api::{FilterContext, FilterFactory},
    routing::PerRouteConfig,
};

/// The filter has no settings of its own.
pub fn factory(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let _: EmptyMessage = read(config, at)?;
    Ok(Arc::new(filter::CorsFactory { name: context.name.into() }))
}

/// Reads a `CorsPolicy`.
pub fn per_route(config: Value, at: &YamlPath, _: &FilterContext<'_>) -> Result<PerRouteConfig, ConfigError> {
    let policy: config::CorsPolicy = read(config, at)?;
    policy.check(at)?;
    Ok(Arc::new(policy))
}
