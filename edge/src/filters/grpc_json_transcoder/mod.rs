//! `envoy.filters.http.grpc_json_transcoder`: REST requests become gRPC, and gRPC answers become JSON.

mod config;
mod contracts;
mod filter;
mod frame;
mod head;
mod status;
mod stream;
mod transcoder;
mod unary;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    filters::api::{FilterContext, FilterFactory},
    routing::PerRouteConfig,
};
use transcoder::Transcoder;

/// Reads a `GrpcJsonTranscoder` of the chain.
pub fn factory(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let transcoder = Transcoder::new(&read(config, at)?, at, context.base_dir)?;
    Ok(Arc::new(filter::TranscoderFactory { name: context.name.into(), transcoder: Arc::new(transcoder) }))
}

/// Reads a `GrpcJsonTranscoder` of a route or virtual host: it replaces the chain's; without services it is off.
pub fn per_route(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<PerRouteConfig, ConfigError> {
    Ok(Arc::new(Arc::new(Transcoder::new(&read(config, at)?, at, context.base_dir)?)))
}
