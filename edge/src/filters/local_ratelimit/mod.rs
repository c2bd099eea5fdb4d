//! `envoy.filters.http.local_ratelimit`: token buckets in this process, shared or one per client address.

mod bucket;
mod config;
mod filter;
mod limiter;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    filters::api::{FilterContext, FilterFactory},
    routing::PerRouteConfig,
};
use limiter::Limiter;

/// Reads a `LocalRateLimit` of the chain.
pub fn factory(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let limiter = Limiter::new(read(config, at)?, at)?;
    Ok(Arc::new(filter::LocalRateLimitFactory { name: context.name.into(), limiter: Arc::new(limiter) }))
}

/// Reads a `LocalRateLimit` of a route or virtual host: it replaces the chain's and has buckets of its own.
pub fn per_route(config: Value, at: &YamlPath, _: &FilterContext<'_>) -> Result<PerRouteConfig, ConfigError> {
    Ok(Arc::new(Arc::new(Limiter::new(read(config, at)?, at)?)))
}
