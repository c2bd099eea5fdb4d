//! `envoy.extensions.filters.http.cors.v3.CorsPolicy`.

use http::HeaderValue;
use serde::{Deserialize, Deserializer, de};

use crate::bootstrap::reader::{ConfigError, YamlPath};
use crate::bootstrap::scalars::{RuntimeFraction, StringMatcher};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorsPolicy {
    #[serde(default)]
    pub allow_origin_string_match: Vec<StringMatcher>,
    #[serde(default, deserialize_with = "header_value")]
    pub allow_methods: Option<HeaderValue>,
    #[serde(default, deserialize_with = "header_value")]
    pub allow_headers: Option<HeaderValue>,
    #[serde(default, deserialize_with = "header_value")]
    pub expose_headers: Option<HeaderValue>,
    /// Seconds, as text.
    #[serde(default, deserialize_with = "header_value")]
    pub max_age: Option<HeaderValue>,
    #[serde(default)]
    pub allow_credentials: bool,
    /// On by default.
    pub filter_enabled: Option<RuntimeFraction>,
    #[serde(default)]
    pub allow_private_network_access: bool,
    /// Whether a preflight of an origin that is not allowed goes on to the upstream.
    #[serde(default = "yes")]
    pub forward_not_matching_preflights: bool,
}

fn yes() -> bool {
    true
}

fn header_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HeaderValue>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let value = HeaderValue::try_from(&text)
        .map_err(|_| de::Error::custom(format!("{text:?} is not a header value")));
    value.map(|value| Some(value).filter(|value| !value.is_empty()))
}

impl CorsPolicy {
    /// Refuses what browsers would not honour.
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        let digits = |value: &HeaderValue| value.as_bytes().iter().all(u8::is_ascii_digit);
        if self.max_age.as_ref().is_some_and(|value| !digits(value)) {
            return Err(at.field("max_age").error("must be a number of seconds, written as text"));
        }
        if self.allow_credentials && self.expose_headers.as_ref().is_some_and(|value| value == "*") {
            return Err(at
                .field("expose_headers")
                .error("\"*\" has no effect together with allow_credentials; list the headers"));
        }
        Ok(())
    }

    /// Whether pages of `origin` may read answers. A matcher that accepts `*` accepts any origin, as in Envoy.
    pub fn allows(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        self.allow_origin_string_match.iter().any(|matcher| matcher.is_match("*") || matcher.is_match(origin))
    }
}
