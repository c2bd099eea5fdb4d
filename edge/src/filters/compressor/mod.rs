//! `envoy.filters.http.compressor`: answers in gzip, for clients that take it.

mod accept_encoding;
mod body;
mod config;
mod filter;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    filters::api::{FilterContext, FilterFactory},
};

/// Reads a `Compressor`.
pub fn factory(
    config: Value,
    at: &YamlPath,
    _: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let config: config::Compressor = read(config, at)?;
    let level = config.level(at)?;
    Ok(Arc::new(filter::CompressorFactory::new(config.response_direction_config, level)))
}
