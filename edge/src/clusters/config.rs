//! `envoy.config.cluster.v3.Cluster`: the fields that are honored.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use shopmesh_net::resolver::Family;

use crate::bootstrap::{
    reader::{ConfigError, TypedConfig, YamlPath, read},
    scalars::{NonEmpty, ProtoDuration, Wrapper},
    schema::{Address, NamedConfig},
    string_matcher::StringMatcher,
};

/// `Cluster`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterConfig {
    pub name: NonEmpty,
    #[serde(default, rename = "type")]
    pub discovery: Discovery,
    #[serde(default = "default_connect_timeout")]
    pub connect_timeout: ProtoDuration,
    #[serde(default, rename = "lb_policy")]
    _lb_policy: LbPolicy,
    pub load_assignment: Option<LoadAssignment>,
    #[serde(default)]
    pub typed_extension_protocol_options: Map<String, Value>,
    /// Deprecated spelling of `explicit_http_config.http2_protocol_options`.
    pub http2_protocol_options: Option<Http2Options>,
    pub transport_socket: Option<NamedConfig>,
    #[serde(default)]
    pub dns_lookup_family: DnsLookupFamily,
    #[serde(default = "default_dns_refresh_rate")]
    pub dns_refresh_rate: ProtoDuration,
}

fn default_connect_timeout() -> ProtoDuration {
    ProtoDuration(Duration::from_secs(5))
}

fn default_dns_refresh_rate() -> ProtoDuration {
    ProtoDuration(Duration::from_secs(5))
}

/// `Cluster.DiscoveryType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Discovery {
    #[default]
    #[serde(alias = "0")]
    Static,
    #[serde(alias = "1")]
    StrictDns,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum LbPolicy {
    #[default]
    #[serde(alias = "0")]
    RoundRobin,
}

/// `Cluster.DnsLookupFamily`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DnsLookupFamily {
    #[default]
    #[serde(alias = "0")]
    Auto,
    #[serde(alias = "1")]
    V4Only,
    #[serde(alias = "2")]
    V6Only,
    #[serde(alias = "3")]
    V4Preferred,
    #[serde(alias = "4")]
    All,
}

impl From<DnsLookupFamily> for Family {
    fn from(family: DnsLookupFamily) -> Self {
        match family {
            DnsLookupFamily::Auto => Self::V6Preferred,
            DnsLookupFamily::V4Only => Self::V4,
            DnsLookupFamily::V6Only => Self::V6,
            DnsLookupFamily::V4Preferred => Self::V4Preferred,
            DnsLookupFamily::All => Self::All,
        }
    }
}

/// `endpoint.v3.ClusterLoadAssignment`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadAssignment {
    /// Often differs from the cluster's name in real files; without meaning.
    #[serde(rename = "cluster_name")]
    _cluster_name: NonEmpty,
    #[serde(default)]
    pub endpoints: Vec<LocalityEndpoints>,
}

/// `endpoint.v3.LocalityLbEndpoints`, without priorities.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalityEndpoints {
    #[serde(default)]
    pub lb_endpoints: Vec<LbEndpoint>,
}

/// `endpoint.v3.LbEndpoint`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LbEndpoint {
    pub endpoint: EndpointConfig,
}

/// `endpoint.v3.Endpoint`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    pub address: Address,
}

/// `core.v3.Http2ProtocolOptions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http2Options {
    pub max_concurrent_streams: Option<Wrapper<u32>>,
    /// Bytes, from the 65535 that a connection begins with (RFC 9113, 6.9.2) to 2^31-1.
    pub initial_stream_window_size: Option<Wrapper<u32>>,
    pub initial_connection_window_size: Option<Wrapper<u32>>,
}

impl Http2Options {
    /// Refuses what HTTP/2 does not allow.
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        const MOST: u32 = i32::MAX.unsigned_abs();
        let fields = [
            ("max_concurrent_streams", self.max_concurrent_streams, 1),
            ("initial_stream_window_size", self.initial_stream_window_size, 65_535),
            ("initial_connection_window_size", self.initial_connection_window_size, 65_535),
        ];
        for (name, value, least) in fields {
            if value.is_some_and(|Wrapper(value)| !(least..=MOST).contains(&value)) {
                return Err(at.field(name).error(format!("must be {least} to {MOST}")));
            }
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpProtocolOptions {
    explicit_http_config: ExplicitHttpConfig,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExplicitHttpConfig {
    http2_protocol_options: Http2Options,
}

const HTTP_PROTOCOL_OPTIONS: &str = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

impl ClusterConfig {
    /// Refuses times that would never connect, or resolve names without pause.
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        if self.connect_timeout.0.is_zero() {
            return Err(at.field("connect_timeout").error("must be above 0s"));
        }
        if self.dns_refresh_rate.0 <= Duration::from_millis(1) {
            return Err(at.field("dns_refresh_rate").error("must be above 0.001s"));
        }
        Ok(())
    }

    /// The HTTP/2 options; a cluster without any would speak HTTP/1.1, which this edge does not.
    pub fn http2(&mut self, at: &YamlPath) -> Result<Http2Options, ConfigError> {
        let mut options = self.http2_protocol_options.take();
        let mut place = at.field("http2_protocol_options");
        for (name, value) in std::mem::take(&mut self.typed_extension_protocol_options) {
            let at = at.field("typed_extension_protocol_options").field(&name);
            let config = TypedConfig::split(value, &at)?;
            if name != HTTP_PROTOCOL_OPTIONS || config.type_name != HTTP_PROTOCOL_OPTIONS {
                return Err(at.error(format!("not supported by this edge; only {HTTP_PROTOCOL_OPTIONS} is")));
            }
            let config: HttpProtocolOptions = read(config.fields, &at)?;
            options = Some(config.explicit_http_config.http2_protocol_options);
            place = at.field("explicit_http_config").field("http2_protocol_options");
        }
        let options = options.ok_or_else(|| {
            at.error(format!("must speak HTTP/2: add explicit_http_config.http2_protocol_options under {HTTP_PROTOCOL_OPTIONS}"))
        })?;
        options.check(&place)?;
        Ok(options)
    }
}

/// `transport_sockets.tls.v3.UpstreamTlsContext`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamTlsContext {
    pub common_tls_context: CommonTlsContext,
    #[serde(default)]
    pub sni: String,
}

/// `tls.v3.CommonTlsContext`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonTlsContext {
    #[serde(default)]
    pub tls_certificates: Vec<TlsCertificate>,
    pub validation_context: ValidationContext,
    /// Only `[h2]`, which is sent in any case.
    #[serde(default)]
    pub alpn_protocols: Vec<String>,
    #[serde(default)]
    pub tls_params: TlsParams,
}

/// `tls.v3.TlsCertificate`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsCertificate {
    pub certificate_chain: FileName,
    pub private_key: FileName,
}

/// `core.v3.DataSource` that is a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileName {
    pub filename: NonEmpty,
}

/// `tls.v3.CertificateValidationContext`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationContext {
    pub trusted_ca: FileName,
    #[serde(default)]
    pub match_typed_subject_alt_names: Vec<SanMatcherConfig>,
}

/// `tls.v3.SubjectAltNameMatcher`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanMatcherConfig {
    pub san_type: SanType,
    pub matcher: StringMatcher,
}

/// `SubjectAltNameMatcher.SanType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SanType {
    #[serde(alias = "2")]
    Dns,
    #[serde(alias = "3")]
    Uri,
}

/// `tls.v3.TlsParameters`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsParams {
    #[serde(default)]
    pub tls_minimum_protocol_version: TlsProtocol,
    #[serde(default)]
    pub tls_maximum_protocol_version: TlsProtocol,
}

/// `TlsParameters.TlsProtocol`; older versions are not spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum TlsProtocol {
    #[default]
    #[serde(rename = "TLS_AUTO", alias = "0")]
    Auto,
    #[serde(rename = "TLSv1_2", alias = "3")]
    V1_2,
    #[serde(rename = "TLSv1_3", alias = "4")]
    V1_3,
}
