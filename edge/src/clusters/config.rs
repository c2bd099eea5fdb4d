//! `envoy.config.cluster.v3.Cluster`: the fields that are honoured.

use std::time::Duration;

use serde::{Deserialize, de};
use serde_json::{Map, Value};

use crate::bootstrap::reader::{ConfigError, TypedConfig, YamlPath, read};
use crate::bootstrap::scalars::ProtoDuration;
use crate::bootstrap::schema::{Address, NamedConfig};

/// `Cluster`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterConfig {
    pub name: String,
    #[serde(default, rename = "type")]
    pub discovery: Discovery,
    #[serde(default = "default_connect_timeout")]
    pub connect_timeout: ProtoDuration,
    #[serde(default, rename = "lb_policy")]
    _lb_policy: LbPolicy,
    pub load_assignment: LoadAssignment,
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
    #[serde(alias = "static")]
    Static,
    #[serde(alias = "strict_dns")]
    StrictDns,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum LbPolicy {
    #[default]
    #[serde(alias = "round_robin")]
    RoundRobin,
}

/// `Cluster.DnsLookupFamily`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DnsLookupFamily {
    #[default]
    Auto,
    V4Only,
    V6Only,
    V4Preferred,
    All,
}

/// `endpoint.v3.ClusterLoadAssignment`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadAssignment {
    /// Often differs from the cluster's name in real files; without meaning.
    #[serde(default, rename = "cluster_name")]
    _cluster_name: de::IgnoredAny,
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
    pub max_concurrent_streams: Option<u32>,
    /// Bytes; RFC 9113 allows up to 2^31-1.
    pub initial_stream_window_size: Option<u32>,
    pub initial_connection_window_size: Option<u32>,
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
    /// The HTTP/2 options; a cluster without any would speak HTTP/1.1, which this edge does not.
    pub fn http2(&mut self, at: &YamlPath) -> Result<Http2Options, ConfigError> {
        let mut options = self.http2_protocol_options.take();
        for (name, value) in std::mem::take(&mut self.typed_extension_protocol_options) {
            let at = at.field("typed_extension_protocol_options").field(&name);
            let config = TypedConfig::split(value, &at)?;
            if name != HTTP_PROTOCOL_OPTIONS || config.type_name != HTTP_PROTOCOL_OPTIONS {
                return Err(at.error(format!("not supported by this edge; only {HTTP_PROTOCOL_OPTIONS} is")));
            }
            let config: HttpProtocolOptions = read(config.fields, &at)?;
            options = Some(config.explicit_http_config.http2_protocol_options);
        }
        options.ok_or_else(|| {
            at.error(format!("must speak HTTP/2: add explicit_http_config.http2_protocol_options under {HTTP_PROTOCOL_OPTIONS}"))
        })
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
    pub filename: String,
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
    pub matcher: crate::bootstrap::scalars::StringMatcher,
}

/// `SubjectAltNameMatcher.SanType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SanType {
    Uri,
    Dns,
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
    #[serde(rename = "TLS_AUTO")]
    Auto,
    #[serde(rename = "TLSv1_2")]
    V1_2,
    #[serde(rename = "TLSv1_3")]
    V1_3,
}
