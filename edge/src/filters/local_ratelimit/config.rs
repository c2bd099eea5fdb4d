//! `envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit`.

use http::{HeaderName, StatusCode};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::bootstrap::{
    header_change::{HeaderChange, header_name},
    proto_json::ProtoJson,
    reader::{ConfigError, YamlPath},
    scalars::{EmptyMessage, NonEmpty, ProtoDuration, RuntimeFraction, Wrapper},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalRateLimit {
    #[serde(rename = "stat_prefix")]
    _stat_prefix: NonEmpty,
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
    pub always_consume_default_token_bucket: Wrapper<bool>,
    /// RESOURCE_EXHAUSTED rather than UNAVAILABLE for gRPC clients.
    #[serde(default)]
    pub rate_limited_as_resource_exhausted: bool,
    /// Buckets kept per descriptor without value; the least recently used is dropped.
    pub max_dynamic_descriptors: Option<Wrapper<u32>>,
}

fn yes() -> Wrapper<bool> {
    Wrapper(true)
}

/// `type.v3.HttpStatus`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpStatus {
    #[serde(deserialize_with = "status_code")]
    pub code: StatusCode,
}

/// `type.v3.StatusCode`: an enum with a name for each registered status, which is its reason phrase without spaces.
fn status_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let known = (100..600).filter_map(|code| StatusCode::from_u16(code).ok());
    let mut known = known.filter_map(|status| Some((status, status.canonical_reason()?)));
    let found = match u16::deserialize(ProtoJson(value.clone())) {
        Ok(code) => known.find(|(status, _)| status.as_u16() == code),
        Err(_) => known.find(|(_, reason)| {
            let name = reason.chars().filter(char::is_ascii_alphabetic).collect::<String>();
            value.as_str().is_some_and(|given| name.eq_ignore_ascii_case(given))
        }),
    };
    let status = found.map(|(status, _)| status);
    status.ok_or_else(|| {
        de::Error::custom(format!("must be an HTTP status such as 429 or TooManyRequests, is {value}"))
    })
}

impl LocalRateLimit {
    /// The status of a limited answer: 429 unless configured to another error.
    pub fn status(&self, at: &YamlPath) -> Result<StatusCode, ConfigError> {
        let Some(HttpStatus { code }) = self.status else { return Ok(StatusCode::TOO_MANY_REQUESTS) };
        if code.as_u16() < 400 {
            return Err(at.field("status").field("code").error("must be an HTTP error, 400 to 599"));
        }
        Ok(code)
    }

    /// Refuses what could never match, or would match in two ways.
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        for (i, descriptor) in self.descriptors.iter().enumerate() {
            let at = at.field("descriptors").index(i);
            descriptor.token_bucket.check(&at.field("token_bucket"))?;
            if descriptor.entries.is_empty() {
                return Err(at.field("entries").error("needs at least one"));
            }
            if self.descriptors[..i].iter().any(|other| other.entries == descriptor.entries) {
                return Err(at.field("entries").error("two descriptors have the same entries"));
            }
        }
        for (i, limit) in self.rate_limits.iter().enumerate() {
            limit.check(&at.field("rate_limits").index(i).field("actions"))?;
        }
        Ok(())
    }
}

/// `type.v3.TokenBucket`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBucket {
    pub max_tokens: u32,
    #[serde(default = "one")]
    pub tokens_per_fill: Wrapper<u32>,
    pub fill_interval: ProtoDuration,
}

fn one() -> Wrapper<u32> {
    Wrapper(1)
}

impl TokenBucket {
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        if self.max_tokens == 0 || self.tokens_per_fill.0 == 0 {
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
    #[serde(default)]
    pub entries: Vec<EntryConfig>,
    pub token_bucket: TokenBucket,
}

/// `RateLimitDescriptor.Entry`; without value it stands for any value, each with a bucket of its own.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryConfig {
    pub key: NonEmpty,
    #[serde(default)]
    pub value: String,
}

/// `route.v3.RateLimit`: its actions make one descriptor, or none if an action finds nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    #[serde(default)]
    pub actions: Vec<Action>,
}

impl RateLimit {
    fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        if self.actions.is_empty() {
            return Err(at.error("needs at least one"));
        }
        for (i, action) in self.actions.iter().enumerate() {
            let Action::MaskedRemoteAddress(mask) = action else { continue };
            let at = at.index(i).field("masked_remote_address");
            if mask.v4_prefix_mask_len.0 > 32 {
                return Err(at.field("v4_prefix_mask_len").error("must be 0 to 32"));
            }
            if mask.v6_prefix_mask_len.0 > 128 {
                return Err(at.field("v6_prefix_mask_len").error("must be 0 to 128"));
            }
        }
        Ok(())
    }
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
    pub v4_prefix_mask_len: Wrapper<u32>,
    #[serde(default = "whole_v6")]
    pub v6_prefix_mask_len: Wrapper<u32>,
}

fn whole_v4() -> Wrapper<u32> {
    Wrapper(32)
}

fn whole_v6() -> Wrapper<u32> {
    Wrapper(128)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestHeaders {
    #[serde(deserialize_with = "header_name")]
    pub header_name: HeaderName,
    pub descriptor_key: NonEmpty,
    #[serde(default)]
    pub skip_if_absent: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenericKey {
    pub descriptor_value: NonEmpty,
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
    #[serde(alias = "0")]
    Off,
    #[serde(rename = "DRAFT_VERSION_03", alias = "1")]
    DraftVersion03,
}
