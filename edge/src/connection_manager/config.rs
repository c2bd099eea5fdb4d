//! `envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`: the fields that are honored.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::path::{EscapedSlashes, PathOptions};
use crate::{
    bootstrap::{
        reader::{ConfigError, YamlPath},
        scalars::{NonEmpty, ProtoDuration, Wrapper},
        schema::NamedConfig,
    },
    clusters::config::Http2Options,
};

/// `HttpConnectionManager`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConnectionManager {
    #[serde(default)]
    pub codec_type: CodecType,
    pub stat_prefix: NonEmpty,
    pub route_config: Value,
    #[serde(default)]
    pub http_filters: Vec<NamedConfig>,
    #[serde(default)]
    pub use_remote_address: Wrapper<bool>,
    #[serde(default)]
    pub xff_num_trusted_hops: u32,
    #[serde(default)]
    normalize_path: Wrapper<bool>,
    #[serde(default)]
    merge_slashes: bool,
    #[serde(default)]
    path_with_escaped_slashes_action: EscapedSlashes,
    #[serde(default)]
    common_http_protocol_options: CommonHttpOptions,
    #[serde(default)]
    pub http2_protocol_options: Http2Options,
    /// KiB; 60 by default.
    #[serde(default = "default_headers_kb")]
    pub max_request_headers_kb: Wrapper<u32>,
    /// 10 s by default; 0 is refused, since it lets anyone hold a connection for nothing.
    #[serde(default = "default_headers_timeout")]
    pub request_headers_timeout: ProtoDuration,
    /// 5 min by default; 0 switches it off.
    #[serde(default = "default_stream_idle")]
    pub stream_idle_timeout: ProtoDuration,
    /// Off by default, and with 0; what is buffered has a time of its own all the same.
    pub request_timeout: Option<ProtoDuration>,
    /// 1 s by default; 0 closes at once, and a client that still sends may miss its answer.
    #[serde(default = "default_delayed_close")]
    pub delayed_close_timeout: ProtoDuration,
    /// The `server` header of answers.
    #[serde(default = "default_server_name")]
    pub server_name: String,
    #[serde(default = "yes")]
    pub generate_request_id: Wrapper<bool>,
    #[serde(default)]
    pub preserve_external_request_id: bool,
    /// The process decides.
    #[serde(rename = "drain_timeout")]
    _drain_timeout: Option<ProtoDuration>,
}

/// `CodecType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum CodecType {
    #[default]
    #[serde(rename = "AUTO", alias = "0")]
    Auto,
    #[serde(rename = "HTTP1", alias = "1")]
    Http1,
    #[serde(rename = "HTTP2", alias = "2")]
    Http2,
}

/// `core.v3.HttpProtocolOptions`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommonHttpOptions {
    idle_timeout: Option<ProtoDuration>,
    max_headers_count: Option<Wrapper<u32>>,
}

fn yes() -> Wrapper<bool> {
    Wrapper(true)
}

fn default_headers_kb() -> Wrapper<u32> {
    Wrapper(60)
}

fn default_headers_timeout() -> ProtoDuration {
    ProtoDuration(Duration::from_secs(10))
}

fn default_stream_idle() -> ProtoDuration {
    ProtoDuration(Duration::from_secs(300))
}

fn default_delayed_close() -> ProtoDuration {
    ProtoDuration(Duration::from_secs(1))
}

fn default_server_name() -> String {
    "shopmesh-edge".to_owned()
}

impl HttpConnectionManager {
    /// Refuses values that would switch a protection off.
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        if self.request_headers_timeout.0.is_zero() {
            return Err(at.field("request_headers_timeout").error("must be above 0s"));
        }
        if !(1..=96).contains(&self.max_request_headers_kb.0) {
            return Err(at.field("max_request_headers_kb").error("must be 1 to 96"));
        }
        if self.common_http_protocol_options.max_headers_count == Some(Wrapper(0)) {
            let options = at.field("common_http_protocol_options");
            return Err(options.field("max_headers_count").error("must be above 0"));
        }
        self.http2_protocol_options.check(&at.field("http2_protocol_options"))?;
        if http::HeaderValue::try_from(&self.server_name).is_err() {
            return Err(at.field("server_name").error("is not a header value"));
        }
        Ok(())
    }

    pub fn path_options(&self) -> PathOptions {
        PathOptions {
            normalize: self.normalize_path.0,
            merge_slashes: self.merge_slashes,
            escaped_slashes: self.path_with_escaped_slashes_action,
        }
    }

    /// 100 by default.
    pub fn max_headers_count(&self) -> usize {
        let count = self.common_http_protocol_options.max_headers_count.map_or(100, |count| count.0);
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// How long a connection may stay without request; 1 h by default, and 0 is that too.
    pub fn idle_timeout(&self) -> Duration {
        let hour = ProtoDuration(Duration::from_secs(3600));
        let configured = self.common_http_protocol_options.idle_timeout.unwrap_or(hour);
        configured.non_zero().unwrap_or(hour.0)
    }

    /// How long a request may take to arrive whole, if anybody says so.
    pub fn request_timeout(&self) -> Option<Duration> {
        self.request_timeout.and_then(ProtoDuration::non_zero)
    }

    /// Bytes of a request's header section.
    pub fn max_header_bytes(&self) -> u32 {
        self.max_request_headers_kb.0 * 1024
    }
}
