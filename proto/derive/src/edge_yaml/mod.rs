//! The edge's Envoy v3 bootstrap, derived from the policies: which services are public, their REST forms,
//! deadlines and rate limits. Standard filters only, so that a real Envoy with the same file does the same.

mod clusters;
mod filters;
mod params;
mod routes;
mod yaml;

pub use params::EdgeYamlParams;

use shopmesh_proto::{
    limits::{EDGE_HEADER_FIELDS, EDGE_HEADER_KIB},
    policy::{MethodPolicy, PolicyTable},
};

use yaml::{indent, socket_address};

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
# `proto/derive/src/edge_yaml`. Runs unchanged on Envoy 1.40 and on `shopmesh edge --config`.
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

#[cfg(test)]
mod tests;
