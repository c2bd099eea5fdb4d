//! `envoy.filters.http.router`: the end of the chain; does what the route says.

mod deadline;
mod filter;
mod request_body;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    filters::api::{FilterContext, FilterFactory},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Router {
    /// There are no `x-envoy-*` response headers to suppress.
    #[serde(default, rename = "suppress_envoy_headers")]
    _suppress_envoy_headers: bool,
}

/// Reads a `Router`.
pub fn factory(
    config: Value,
    at: &YamlPath,
    _: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let _: Router = read(config, at)?;
    Ok(Arc::new(filter::RouterFactory))
}
