//! `envoy.filters.http.jwt_authn`: refuses requests whose bearer token does not verify, by the rules of the YAML.

mod config;
mod filter;
mod key_set;
mod provider;
mod requirement;
#[cfg(test)]
mod tests;
mod verified;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    filters::api::{FilterContext, FilterFactory},
};

/// Reads a `JwtAuthentication`.
pub fn factory(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let rules = filter::Rules::new(read(config, at)?, at, context)?;
    Ok(Arc::new(filter::JwtAuthnFactory(Arc::new(rules))))
}
