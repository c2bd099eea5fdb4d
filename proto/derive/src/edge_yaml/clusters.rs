//! The clusters: one per service, over mTLS, to exactly the expected SPIFFE id.

use std::{fmt::Write, net::SocketAddr};

use super::{
    params::EdgeYamlParams,
    yaml::{quoted, socket_address},
};

/// The `clusters` list.
pub fn render(params: &EdgeYamlParams) -> String {
    params.services.iter().map(|(service, endpoints)| cluster(params, service, endpoints)).collect()
}

fn cluster(params: &EdgeYamlParams, service: &str, endpoints: &[SocketAddr]) -> String {
    let mut lb_endpoints = String::new();
    for endpoint in endpoints {
        let _ = write!(lb_endpoints, "\n      - endpoint: {{ address: {} }}", socket_address(*endpoint));
    }
    let (certificate, key, roots) =
        (quoted(&params.certificate), quoted(&params.private_key), quoted(&params.roots));
    let trust_domain = &params.trust_domain;
    format!(
        r#"- name: {service}
  type: STATIC
  connect_timeout: 1s
  lb_policy: ROUND_ROBIN
  load_assignment:
    cluster_name: {service}
    endpoints:
    - lb_endpoints:{lb_endpoints}
  typed_extension_protocol_options:
    envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
      "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
      explicit_http_config:
        # 128 answers that nobody reads fill their own windows, and not the connection's.
        http2_protocol_options: {{ initial_stream_window_size: 65536, initial_connection_window_size: 8388608 }}
  transport_socket:
    name: envoy.transport_sockets.tls
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      sni: localhost
      common_tls_context:
        alpn_protocols: [h2]
        tls_params: {{ tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3 }}
        tls_certificates:
        - certificate_chain: {{ filename: {certificate} }}
          private_key: {{ filename: {key} }}
        validation_context:
          trusted_ca: {{ filename: {roots} }}
          match_typed_subject_alt_names:
          - san_type: URI
            matcher: {{ exact: "spiffe://{trust_domain}/svc/{service}" }}
"#
    )
}
