//! `envoy.filters.http.grpc_web`: lets browsers, which see no trailers, call gRPC. Binary and base64 text form.

mod base64_stream;
mod filter;
mod response_body;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    bootstrap::{
        reader::{ConfigError, YamlPath, read},
        scalars::EmptyMessage,
    },
    filters::api::{FilterContext, FilterFactory},
};

/// The filter has no settings.
pub fn factory(
    config: Value,
    at: &YamlPath,
    _: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let _: EmptyMessage = read(config, at)?;
    Ok(Arc::new(filter::GrpcWebFactory))
}
