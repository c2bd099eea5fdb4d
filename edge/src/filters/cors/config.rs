//! `envoy.extensions.filters.http.cors.v3.CorsPolicy`, and what several of them say together.

use http::HeaderValue;
use serde::{Deserialize, Deserializer, de};

use crate::bootstrap::{
    reader::{ConfigError, YamlPath},
    scalars::{RuntimeFraction, Wrapper},
    string_matcher::StringMatcher,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorsPolicy {
    #[serde(default)]
    allow_origin_string_match: Vec<StringMatcher>,
    #[serde(default, deserialize_with = "header_value")]
    allow_methods: Option<HeaderValue>,
    #[serde(default, deserialize_with = "header_value")]
    allow_headers: Option<HeaderValue>,
    #[serde(default, deserialize_with = "header_value")]
    expose_headers: Option<HeaderValue>,
    /// Seconds, as text.
    #[serde(default, deserialize_with = "header_value")]
    max_age: Option<HeaderValue>,
    allow_credentials: Option<Wrapper<bool>>,
    /// On by default.
    filter_enabled: Option<RuntimeFraction>,
    allow_private_network_access: Option<Wrapper<bool>>,
    forward_not_matching_preflights: Option<Wrapper<bool>>,
}

fn header_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HeaderValue>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let value = HeaderValue::try_from(&text)
        .map_err(|_| de::Error::custom(format!("{text:?} is not a header value")));
    value.map(|value| Some(value).filter(|value| !value.is_empty()))
}

impl CorsPolicy {
    /// Refuses what browsers would not honor.
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        let digits = |value: &HeaderValue| value.as_bytes().iter().all(u8::is_ascii_digit);
        if self.max_age.as_ref().is_some_and(|value| !digits(value)) {
            return Err(at.field("max_age").error("must be a number of seconds, written as text"));
        }
        let credentials = self.allow_credentials == Some(Wrapper(true));
        if credentials && self.expose_headers.as_ref().is_some_and(|value| value == "*") {
            return Err(at
                .field("expose_headers")
                .error("\"*\" has no effect together with allow_credentials; list the headers"));
        }
        Ok(())
    }
}

/// The policies of route, virtual host and route configuration, most specific first: of each field, the first that has it counts.
pub struct Policies<'a>(Vec<&'a CorsPolicy>);

impl<'a> Policies<'a> {
    /// None where there is no policy.
    pub fn new(policies: impl Iterator<Item = &'a CorsPolicy>) -> Option<Self> {
        let policies: Vec<_> = policies.collect();
        (!policies.is_empty()).then_some(Self(policies))
    }

    fn first<T>(&self, field: impl FnMut(&&'a CorsPolicy) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(field)
    }

    /// Whether the draw `roll` falls into `filter_enabled`, which is not inherited.
    pub fn enabled(&self, roll: u32) -> bool {
        self.0[0].filter_enabled.as_ref().is_none_or(|fraction| fraction.contains(roll))
    }

    /// Whether pages of `origin` may read answers. A matcher that accepts `*` accepts any origin, as in Envoy.
    pub fn allows(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        let matchers =
            |policy: &&'a CorsPolicy| Some(&policy.allow_origin_string_match).filter(|m| !m.is_empty());
        let matchers = self.first(matchers).map(Vec::as_slice).unwrap_or_default();
        matchers.iter().any(|matcher| matcher.is_match("*") || matcher.is_match(origin))
    }

    pub fn allow_methods(&self) -> Option<&'a HeaderValue> {
        self.first(|policy| policy.allow_methods.as_ref())
    }

    pub fn allow_headers(&self) -> Option<&'a HeaderValue> {
        self.first(|policy| policy.allow_headers.as_ref())
    }

    pub fn expose_headers(&self) -> Option<&'a HeaderValue> {
        self.first(|policy| policy.expose_headers.as_ref())
    }

    pub fn max_age(&self) -> Option<&'a HeaderValue> {
        self.first(|policy| policy.max_age.as_ref())
    }

    pub fn allow_credentials(&self) -> bool {
        self.first(|policy| policy.allow_credentials).is_some_and(|allow| allow.0)
    }

    pub fn allow_private_network_access(&self) -> bool {
        self.first(|policy| policy.allow_private_network_access).is_some_and(|allow| allow.0)
    }

    /// Whether a preflight of an origin that is not allowed goes on to the upstream; it does by default.
    pub fn forward_not_matching_preflights(&self) -> bool {
        self.first(|policy| policy.forward_not_matching_preflights).is_none_or(|forward| forward.0)
    }
}
