//! Which filter a `typed_config` configures, by its message type: the names of filters are their author's.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{
    api::{Disabled, FilterContext, FilterFactory},
    compressor, cors, grpc_json_transcoder, grpc_web, header_mutation, jwt_authn, local_ratelimit, router,
};
use crate::{
    bootstrap::reader::{ConfigError, TypedConfig, YamlPath, read},
    routing::PerRouteConfig,
};

const PREFIX: &str = "envoy.extensions.filters.http.";

type Read<T> = fn(Value, &YamlPath, &FilterContext<'_>) -> Result<T, ConfigError>;

/// A kind of filter that this edge has.
pub struct FilterKind {
    /// Configures it in the chain.
    message: &'static str,
    factory: Read<Arc<dyn FilterFactory>>,
    /// Configures it for a route, by a message of its own.
    per_route: Option<(&'static str, Read<PerRouteConfig>)>,
    /// Whether it answers, so that the chain ends with it.
    pub is_terminal: bool,
}

const KINDS: &[FilterKind] = &[
    FilterKind {
        message: "compressor.v3.Compressor",
        factory: compressor::factory,
        per_route: None,
        is_terminal: false,
    },
    FilterKind {
        message: "cors.v3.Cors",
        factory: cors::factory,
        per_route: Some(("cors.v3.CorsPolicy", cors::per_route)),
        is_terminal: false,
    },
    FilterKind {
        message: "grpc_json_transcoder.v3.GrpcJsonTranscoder",
        factory: grpc_json_transcoder::factory,
        per_route: Some(("grpc_json_transcoder.v3.GrpcJsonTranscoder", grpc_json_transcoder::per_route)),
        is_terminal: false,
    },
    FilterKind {
        message: "grpc_web.v3.GrpcWeb",
        factory: grpc_web::factory,
        per_route: None,
        is_terminal: false,
    },
    FilterKind {
        message: "header_mutation.v3.HeaderMutation",
        factory: header_mutation::factory,
        per_route: Some(("header_mutation.v3.HeaderMutationPerRoute", header_mutation::per_route)),
        is_terminal: false,
    },
    FilterKind {
        message: "jwt_authn.v3.JwtAuthentication",
        factory: jwt_authn::factory,
        per_route: None,
        is_terminal: false,
    },
    FilterKind {
        message: "local_ratelimit.v3.LocalRateLimit",
        factory: local_ratelimit::factory,
        per_route: Some(("local_ratelimit.v3.LocalRateLimit", local_ratelimit::per_route)),
        is_terminal: false,
    },
    FilterKind { message: "router.v3.Router", factory: router::factory, per_route: None, is_terminal: true },
];

/// `route.v3.FilterConfig`: switches one filter off for a route, whatever the filter is, or wraps its configuration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterConfig {
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    config: Value,
}

fn message(config: &TypedConfig) -> &str {
    config.type_name.strip_prefix(PREFIX).unwrap_or(&config.type_name)
}

/// Reads one entry of `http_filters`.
pub fn factory(
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<(&'static FilterKind, Arc<dyn FilterFactory>), ConfigError> {
    let config = TypedConfig::split(config, at)?;
    let Some(kind) = KINDS.iter().find(|kind| kind.message == message(&config)) else {
        let problem = if config.type_name.is_empty() {
            format!("filter {:?} needs a typed_config with \"@type\"", context.name)
        } else {
            format!("{} is not supported by this edge", config.type_name)
        };
        return Err(at.field("@type").error(problem));
    };
    Ok((kind, (kind.factory)(config.fields, at, context)?))
}

/// Reads one entry of `typed_per_filter_config`, which is for a filter of this kind.
pub fn per_route(
    kind: &FilterKind,
    config: Value,
    at: &YamlPath,
    context: &FilterContext<'_>,
) -> Result<PerRouteConfig, ConfigError> {
    let config = TypedConfig::split(config, at)?;
    if config.type_name == "envoy.config.route.v3.FilterConfig" {
        let config: FilterConfig = read(config.fields, at)?;
        return match config {
            FilterConfig { disabled: true, .. } => Ok(Arc::new(Disabled)),
            FilterConfig { config: Value::Null, .. } => Err(at.error("needs disabled or config")),
            FilterConfig { config, .. } => per_route(kind, config, &at.field("config"), context),
        };
    }
    match kind.per_route {
        Some((wanted, read)) if wanted == message(&config) => read(config.fields, at, context),
        Some((wanted, _)) => {
            Err(at.field("@type").error(format!("must be {PREFIX}{wanted}, is {:?}", config.type_name)))
        }
        None => Err(at.field("@type").error("must be envoy.config.route.v3.FilterConfig for this filter")),
    }
}
