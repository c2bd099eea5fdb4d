//! `envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit`.

use http::{HeaderName, StatusCode};
use serde::{Deserialize, de};

use crate::bootstrap::reader::{ConfigError, YamlPath};
use crate::bootstrap::scalars::{HeaderChange, ProtoDuration, RuntimeFraction, header_name};
use crate::routing::EmptyMessage;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalRateLimit {
    #[serde(default, rename = "stat_prefix")]
    _stat_prefix: de::IgnoredAny,
    pub status: Option<HttpStatus>,
    pub token_bucket: Option<TokenBucket>,
    /// 0 % by default, as in Envoy: without it the filter does nothing.
    pub filter_enabled: Option<RuntimeFraction>,
    /// 0 % by default, as in Envoy: without it requests are counted but pass.
    pub filter_enforced: Option<RuntimeFraction>,
    /// On limited answers.
    #[serde(default)]
    pub response_headers_to_add: Vec<HeaderChange>,
    #[serde(default)]
    pub descriptors: Vec<DescriptorConfig>,
    #[serde(default)]
    pub rate_limits: Vec<RateLimit>,
    #[serde(default)]
    pub enable_x_ratelimit_headers: XRateLimitHeaders,
    /// Whether requests with a matching descriptor also take a token of `token_bucket`.
    #[serde(default = "yes")]
    pub always_consume_default_token_bucket: bool,
    /// RESOURCE_EXHAUSTED rather than UNAVAILABLE for gRPC clients.
    #[serde(default)]
    pub rate_limited_as_resource_exhausted: bool,
    /// Buckets kept per descriptor without value; the least recently used is dropped.
    pub max_dynamic_descriptors: Option<u32>,
}

fn yes() -> bool {
    true
}

/// `type.v3.HttpStatus`; a number stands for the enum's value.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpStatus {
    pub code: u16,
}

impl LocalRateLimit {
    /// The status of a limited answer: 429 unless configured to another error.
    pub fn status(&self, at: &YamlPath) -> Result<StatusCode, ConfigError> {
        let Some(HttpStatus { code }) = self.status else { return Ok(StatusCode::TOO_MANY_REQUESTS) };
        let status = StatusCode::from_u16(code).ok().filter(|s| s.is_client_error() || s.is_server_error());
        status.ok_or_else(|| at.field("status").field("code").error("must be an HTTP error, 400 to 599"))
    }
}

/// `type.v3.TokenBucket`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBucket {
    pub max_tokens: u32,
    #[serde(default = "one")]
    pub tokens_per_fill: u32,
    pub fill_interval: ProtoDuration,
}

fn one() -> u32 {
    1
}

impl TokenBucket {
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        if self.max_tokens == 0 || self.tokens_per_fill == 0 {
            return Err(at.error("max_tokens and tokens_per_fill must be above 0"));
        }
        if self.fill_interval.0 < std::time::Duration::from_millis(50) {
            return Err(at.field("fill_interval").error("must be at least 0.05s"));
        }
        Ok(())
    }
}

/// `common.ratelimit.v3.LocalRateLimitDescriptor`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescriptorConfig {
    pub entries: Vec<EntryConfig>,
    pub token_bucket: TokenBucket,
}

/// `RateLimitDescriptor.Entry`; without value it stands for any value, each with a bucket of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryConfig {
    pub key: String,
    #[serde(default)]
    pub value: String,
}

/// `route.v3.RateLimit`: its actions make one descriptor, or none if an action finds nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    pub actions: Vec<Action>,
}

/// `RateLimit.Action`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    RemoteAddress(EmptyMessage),
    MaskedRemoteAddress(MaskedRemoteAddress),
    RequestHeaders(RequestHeaders),
    GenericKey(GenericKey),
}

/// Addresses of one network count as one.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskedRemoteAddress {
    #[serde(default = "whole_v4")]
    pub v4_prefix_mask_len: u8,
    #[serde(default = "whole_v6")]
    pub v6_prefix_mask_len: u8,
}

fn whole_v4() -> u8 {
    32
}

fn whole_v6() -> u8 {
    128
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestHeaders {
    #[serde(deserialize_with = "header_name")]
    pub header_name: HeaderName,
    pub descriptor_key: String,
    #[serde(default)]
    pub skip_if_absent: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenericKey {
    pub descriptor_value: String,
    #[serde(default = "generic_key")]
    pub descriptor_key: String,
}

fn generic_key() -> String {
    "generic_key".to_owned()
}

/// `common.ratelimit.v3.XRateLimitHeadersRFCVersion`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum XRateLimitHeaders {
    #[default]
    Off,
    #[serde(rename = "DRAFT_VERSION_03")]
    DraftVersion03,
}
