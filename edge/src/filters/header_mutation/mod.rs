//! `envoy.filters.http.header_mutation`: fixed changes to the headers of requests and answers.

mod config;
mod filter;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    filters::api::{FilterContext, FilterFactory},
    routing::PerRouteConfig,
};

/// Reads a `HeaderMutation`.
pub fn factory(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let config: config::HeaderMutation = read(config, at)?;
    Ok(Arc::new(filter::HeaderMutationFactory {
        name: context.name.into(),
        mutations: Arc::new(config.mutations),
    }))
}

/// Reads a `HeaderMutationPerRoute`.
pub fn per_route(config: Value, at: &YamlPath, _: &FilterContext<'_>) -> Result<PerRouteConfig, ConfigError> {
    let config: config::HeaderMutation = read(config, at)?;
    Ok(Arc::new(config.mutations))
}
