//! `envoy.config.route.v3`: the fields of route configurations that are honored.

use http::HeaderName;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::bootstrap::{
    data_source::DataSource,
    header_change::{HeaderChange, header_name, removed_names},
    reader::{ConfigError, YamlPath, read},
    scalars::{EmptyMessage, NonEmpty, ProtoDuration, Wrapper},
    string_matcher::{FullRegex, StringMatcher},
};

/// `RouteConfiguration`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteConfiguration {
    #[serde(default, rename = "name")]
    _name: String,
    #[serde(default)]
    pub virtual_hosts: Vec<Value>,
    #[serde(default)]
    pub typed_per_filter_config: Map<String, Value>,
    /// Unknown clusters are always an error.
    #[serde(rename = "validate_clusters")]
    _validate_clusters: Option<Wrapper<bool>>,
}

/// `VirtualHost`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VirtualHost {
    #[serde(rename = "name")]
    _name: NonEmpty,
    #[serde(default)]
    pub domains: Vec<String>,
    #[serde(default)]
    pub routes: Vec<Value>,
    #[serde(default)]
    pub typed_per_filter_config: Map<String, Value>,
}

/// `Route`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    #[serde(default)]
    pub name: String,
    #[serde(rename = "match")]
    pub matches: RouteMatch,
    pub route: Option<RouteAction>,
    pub redirect: Option<Redirect>,
    pub direct_response: Option<DirectResponse>,
    #[serde(default)]
    pub typed_per_filter_config: Map<String, Value>,
}

/// The header fields that route configuration, virtual host and route share.
#[derive(Debug, Default, Deserialize)]
pub struct HeaderChanges {
    #[serde(default)]
    request_headers_to_add: Vec<HeaderChange>,
    #[serde(default, deserialize_with = "removed_names")]
    request_headers_to_remove: Vec<HeaderName>,
    #[serde(default)]
    response_headers_to_add: Vec<HeaderChange>,
    #[serde(default, deserialize_with = "removed_names")]
    response_headers_to_remove: Vec<HeaderName>,
}

impl HeaderChanges {
    /// Moves the four fields out of `fields`, the object they are part of.
    pub fn take(fields: &mut Value, at: &YamlPath) -> Result<Self, ConfigError> {
        let names = [
            "request_headers_to_add",
            "request_headers_to_remove",
            "response_headers_to_add",
            "response_headers_to_remove",
        ];
        let taken: Map<_, _> = fields
            .as_object_mut()
            .into_iter()
            .flat_map(|fields| names.map(|name| fields.remove_entry(name)))
            .flatten()
            .collect();
        read(Value::Object(taken), at)
    }

    pub fn apply_to_request(&self, headers: &mut http::HeaderMap) {
        apply(&self.request_headers_to_remove, &self.request_headers_to_add, headers);
    }

    pub fn apply_to_response(&self, headers: &mut http::HeaderMap) {
        apply(&self.response_headers_to_remove, &self.response_headers_to_add, headers);
    }
}

fn apply(remove: &[HeaderName], add: &[HeaderChange], headers: &mut http::HeaderMap) {
    for name in remove {
        headers.remove(name);
    }
    for change in add {
        change.apply(headers);
    }
}

/// `RouteMatch`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteMatch {
    pub prefix: Option<String>,
    pub path: Option<String>,
    pub path_separated_prefix: Option<String>,
    pub safe_regex: Option<FullRegex>,
    #[serde(default)]
    pub headers: Vec<HeaderMatcher>,
    /// Present: only `application/grpc` requests match.
    pub grpc: Option<EmptyMessage>,
}

/// `HeaderMatcher`. Sees the joined value of repeated headers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderMatcher {
    #[serde(deserialize_with = "header_name")]
    pub name: HeaderName,
    pub string_match: Option<StringMatcher>,
    pub present_match: Option<bool>,
    #[serde(default)]
    pub invert_match: bool,
}

/// `RouteAction`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteAction {
    pub cluster: NonEmpty,
    /// 15 s by default; 0 switches it off.
    #[serde(default = "default_timeout")]
    pub timeout: ProtoDuration,
    #[serde(default)]
    pub max_stream_duration: MaxStreamDuration,
    #[serde(default)]
    pub prefix_rewrite: String,
    pub host_rewrite_literal: Option<String>,
}

fn default_timeout() -> ProtoDuration {
    ProtoDuration(std::time::Duration::from_secs(15))
}

/// `RouteAction.MaxStreamDuration`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxStreamDuration {
    /// For requests without a `grpc-timeout` that counts; 0 is off.
    pub max_stream_duration: Option<ProtoDuration>,
    /// Present: `grpc-timeout` is honored, up to this; 0 is without bound.
    pub grpc_timeout_header_max: Option<ProtoDuration>,
}

/// `RedirectAction`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    #[serde(default)]
    pub https_redirect: bool,
    #[serde(default)]
    pub host_redirect: String,
    pub port_redirect: Option<u16>,
    #[serde(default)]
    pub path_redirect: String,
    #[serde(default)]
    pub prefix_rewrite: String,
    #[serde(default)]
    pub response_code: RedirectCode,
    #[serde(default)]
    pub strip_query: bool,
}

/// `RedirectResponseCode`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RedirectCode {
    #[default]
    #[serde(alias = "0")]
    MovedPermanently,
    #[serde(alias = "1")]
    Found,
    #[serde(alias = "2")]
    SeeOther,
    #[serde(alias = "3")]
    TemporaryRedirect,
    #[serde(alias = "4")]
    PermanentRedirect,
}

/// `DirectResponseAction`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectResponse {
    pub status: u16,
    pub body: Option<DataSource>,
}
