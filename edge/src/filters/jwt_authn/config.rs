//! `envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication`.

use std::collections::BTreeMap;

use http::HeaderName;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    bootstrap::{
        data_source::DataSource,
        header_change::header_name,
        scalars::{EmptyMessage, NonEmpty, ProtoDuration},
    },
    routing::RouteMatch,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtAuthentication {
    #[serde(default)]
    pub providers: BTreeMap<String, JwtProvider>,
    /// The first whose `match` holds decides; without one, the request passes.
    #[serde(default)]
    pub rules: Vec<RequirementRule>,
    #[serde(default)]
    pub requirement_map: BTreeMap<String, JwtRequirement>,
    #[serde(default)]
    pub bypass_cors_preflight: bool,
    #[serde(default, rename = "stat_prefix")]
    _stat_prefix: String,
}

/// `JwtProvider`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtProvider {
    #[serde(default)]
    pub issuer: String,
    #[serde(default)]
    pub audiences: Vec<String>,
    /// Tokens without `exp` are refused in any case.
    #[serde(default, rename = "require_expiration")]
    _require_expiration: bool,
    pub remote_jwks: Option<RemoteJwks>,
    pub local_jwks: Option<DataSource>,
    /// Whether the upstream sees the token.
    #[serde(default)]
    pub forward: bool,
    /// `authorization: Bearer ` by default.
    #[serde(default)]
    pub from_headers: Vec<JwtHeader>,
    #[serde(default = "default_clock_skew")]
    pub clock_skew_seconds: u32,
    /// Absent: each token is verified each time.
    pub jwt_cache_config: Option<JwtCacheConfig>,
}

/// `JwtCacheConfig`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtCacheConfig {
    /// Most tokens kept; 100 when it is 0, as a field that is not set.
    #[serde(default)]
    pub jwt_cache_size: u32,
    /// Bytes above which a token is not kept; 4096 when it is 0.
    #[serde(default)]
    pub jwt_max_token_size: u32,
}

fn default_clock_skew() -> u32 {
    60
}

/// `JwtHeader`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtHeader {
    #[serde(deserialize_with = "header_name")]
    pub name: HeaderName,
    #[serde(default)]
    pub value_prefix: String,
}

/// `RemoteJwks`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteJwks {
    pub http_uri: HttpUri,
    #[serde(default = "default_cache_duration")]
    pub cache_duration: ProtoDuration,
    /// Present: requests do not wait for the renewal of keys that are there.
    pub async_fetch: Option<AsyncFetch>,
}

fn default_cache_duration() -> ProtoDuration {
    ProtoDuration(std::time::Duration::from_secs(600))
}

/// `JwksAsyncFetch`; listeners never wait for keys here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsyncFetch {
    #[serde(default, rename = "fast_listener")]
    _fast_listener: bool,
}

/// `core.v3.HttpUri`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpUri {
    pub uri: NonEmpty,
    pub cluster: NonEmpty,
    pub timeout: ProtoDuration,
}

/// `RequirementRule`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementRule {
    #[serde(rename = "match")]
    pub matches: RouteMatch,
    pub requires: Option<JwtRequirement>,
    pub requirement_name: Option<String>,
}

/// `JwtRequirement`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JwtRequirement {
    ProviderName(String),
    ProviderAndAudiences(ProviderWithAudiences),
    RequiresAny(Requirements),
    RequiresAll(Requirements),
    AllowMissing(EmptyMessage),
    AllowMissingOrFailed(EmptyMessage),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderWithAudiences {
    pub provider_name: String,
    #[serde(default)]
    pub audiences: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    /// Read one by one so that a mistake is named by its place.
    #[serde(default)]
    pub requirements: Vec<Value>,
}
