//! The edge's Envoy v3 bootstrap, derived from the policies: which services are public, their REST forms,
//! deadlines and rate limits. Standard filters only, so that a real Envoy with the same file does the same.

mod clusters;
mod filters;
mod routes;

use crate::{
    limits::{EDGE_HEADER_FIELDS, EDGE_HEADER_KIB},
    policy::{MethodPolicy, PolicyTable},
};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

/// What a deployment adds to the contracts.
#[derive(Debug, Clone)]
pub struct EdgeYamlParams {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Envoy's admin interface.
    pub admin: SocketAddr,
    /// Endpoints by service name, such as `orders`.
    pub services: BTreeMap<String, Vec<SocketAddr>>,
    /// Trust domain of the SPIFFE ids, such as `shopmesh.local`.
    pub trust_domain: String,
    /// The edge's certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub private_key: PathBuf,
    /// Roots that sign the services, PEM.
    pub roots: PathBuf,
    /// The contracts' `FileDescriptorSet`.
    pub descriptors: PathBuf,
    /// Whether rate limits are enforced.
    pub rate_limit: bool,
}

/// Renders the bootstrap.
pub fn render(params: &EdgeYamlParams) -> String {
    let public: Vec<&MethodPolicy> =
        PolicyTable::global().methods().filter(|method| method.is_public()).collect();
    let (listen, admin) = (socket_address(params.listen), socket_address(params.admin));
    let filters = indent(10, &filters::render(params, &public));
    let routes = indent(14, &routes::render(params, &public));
    let clusters = indent(2, &clusters::render(params));
    format!(
        r#"# The edge of shopmesh: an Envoy v3 static bootstrap, derived from the contracts. Do not edit; see
# `proto/src/derive/edge_yaml`. Runs unchanged on Envoy 1.40 and on `shopmesh edge --config`.
admin:
  address: {admin}
static_resources:
  listeners:
  - name: public
    address: {listen}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: public
          codec_type: AUTO
          use_remote_address: true
          normalize_path: true
          merge_slashes: true
          server_name: shopmesh
          # With what the filters add, it is still what the services take.
          max_request_headers_kb: {EDGE_HEADER_KIB}
          common_http_protocol_options: {{ max_headers_count: {EDGE_HEADER_FIELDS}, idle_timeout: 300s }}
          request_headers_timeout: 10s
          stream_idle_timeout: 300s
          http_filters:
{filters}
          route_config:
            name: public
            virtual_hosts:
            - name: shopmesh
              domains: ["*"]
              typed_per_filter_config:
                envoy.filters.http.cors:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy
                  allow_origin_string_match:
                  - safe_regex: {{ regex: 'https?://(localhost|127\.0\.0\.1)(:[0-9]+)?' }}
                  allow_methods: GET, POST, PUT, PATCH, DELETE, OPTIONS
                  allow_headers: authorization, content-type, grpc-timeout, traceparent, x-grpc-web, x-user-agent
                  expose_headers: grpc-message, grpc-status, grpc-status-details-bin, retry-after, x-request-id
                  max_age: "86400"
              routes:
{routes}
  clusters:
{clusters}
"#
    )
}

fn socket_address(address: SocketAddr) -> String {
    format!(
        "{{ socket_address: {{ address: {:?}, port_value: {} }} }}",
        address.ip().to_string(),
        address.port()
    )
}

/// A string as a YAML scalar: JSON strings are YAML.
fn quoted(text: impl AsRef<std::path::Path>) -> String {
    format!("{:?}", text.as_ref().display().to_string())
}

fn indent(width: usize, text: &str) -> String {
    let margin = " ".repeat(width);
    text.trim_end().lines().map(|line| format!("{margin}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
