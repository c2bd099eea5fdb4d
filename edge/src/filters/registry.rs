//! Which filter a `typed_config` configures, by its message type.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{FilterContext, FilterFactory, PerRouteConfig};
use super::{cors, grpc_json_transcoder, grpc_web, header_mutation, jwt_authn, local_ratelimit, router};
use crate::bootstrap::reader::{ConfigError, TypedConfig, YamlPath, read};

const PREFIX: &str = "envoy.extensions.filters.http.";

/// `route.v3.FilterConfig`: switches one filter off for a route, whatever the filter is.
pub struct Disabled;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterConfig {
    #[serde(default)]
    disabled: bool,
}

/// Filters that many files give without `typed_config`, known by name alone.
fn type_by_name(name: &str) -> Option<&'static str> {
    match name {
        "envoy.filters.http.cors" | "envoy.cors" => Some("cors.v3.Cors"),
        "envoy.filters.http.grpc_web" | "envoy.grpc_web" => Some("grpc_web.v3.GrpcWeb"),
        "envoy.filters.http.router" | "envoy.router" => Some("router.v3.Router"),
        _ => None,
    }
}

/// Reads one entry of `http_filters`.
pub fn factory(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<Arc<dyn FilterFactory>, ConfigError> {
    let config = TypedConfig::split(config, at)?;
    let of_name = if config.type_name.is_empty() { type_by_name(context.name) } else { None };
    let message = of_name.or_else(|| config.type_name.strip_prefix(PREFIX)).unwrap_or(&config.type_name);
    match message {
        "cors.v3.Cors" => cors::factory(config.fields, at, context),
        "grpc_json_transcoder.v3.GrpcJsonTranscoder" => {
            grpc_json_transcoder::factory(config.fields, at, context)
        }
        "grpc_web.v3.GrpcWeb" => grpc_web::factory(config.fields, at, context),
        "header_mutation.v3.HeaderMutation" => header_mutation::factory(config.fields, at, context),
        "jwt_authn.v3.JwtAuthentication" => jwt_authn::factory(config.fields, at, context),
        "local_ratelimit.v3.LocalRateLimit" => local_ratelimit::factory(config.fields, at, context),
        "router.v3.Router" => router::factory(config.fields, at, context),
        "" => Err(at
            .field("@type")
            .error(format!("filter {:?} needs a typed_config with \"@type\"", context.name))),
        _ => Err(at.field("@type").error(format!("{} is not supported by this edge", config.type_name))),
    }
}

/// Reads one entry of `typed_per_filter_config`.
pub fn per_route(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<PerRouteConfig, ConfigError> {
    let config = TypedConfig::split(config, at)?;
    let message = config.type_name.strip_prefix(PREFIX).unwrap_or(&config.type_name);
    match message {
        "cors.v3.CorsPolicy" => cors::per_route(config.fields, at, context),
        "grpc_json_transcoder.v3.GrpcJsonTranscoder" => {
            grpc_json_transcoder::per_route(config.fields, at, context)
        }
        "header_mutation.v3.HeaderMutationPerRoute" => header_mutation::per_route(config.fields, at, context),
        "local_ratelimit.v3.LocalRateLimit" => local_ratelimit::per_route(config.fields, at, context),
        "envoy.config.route.v3.FilterConfig" => {
            let config: FilterConfig = read(config.fields, at)?;
            if config.disabled {
                return Ok(Arc::new(Disabled));
            }
            Err(at.error("only `disabled: true` is supported by this edge"))
        }
        _ => Err(at.field("@type").error(format!("{:?} is not supported by this edge", config.type_name))),
    }
}
