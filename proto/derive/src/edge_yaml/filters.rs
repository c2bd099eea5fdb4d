//! The HTTP filters, in the order of a request.

use std::collections::BTreeSet;

use shopmesh_json::http_rule::Template;
use shopmesh_proto::policy::MethodPolicy;

use super::{
    params::EdgeYamlParams,
    yaml::{indent, quoted},
};

const TYPE: &str = "type.googleapis.com/envoy.extensions.filters.http";

/// The name of the rate limit that knows the RPC, after transcoding.
pub const RPC_RATELIMIT: &str = "shopmesh.rpc_ratelimit";

/// The transcoder's name.
pub const TRANSCODER: &str = "envoy.filters.http.grpc_json_transcoder";

/// A bucket for each client address.
pub struct Bucket {
    /// Requests at once.
    pub burst: u32,
    /// Requests a second over time.
    pub per_second: u32,
}

/// The `http_filters` list.
#[allow(clippy::too_many_lines)] // A text with places.
pub fn render(params: &EdgeYamlParams, public: &[&MethodPolicy]) -> String {
    let services: BTreeSet<&str> = public
        .iter()
        .filter(|method| !method.http.is_empty())
        .map(|method| method.service.as_str())
        .collect();
    let transcoder =
        indent(4, &transcoder(params, services, "", "\n  reject_unknown_query_parameters: true"));
    let per_address =
        local_ratelimit("per_address", &Bucket { burst: 20, per_second: 10 }, params.rate_limit);
    let per_address = indent(4, &per_address);
    let issuer = &params.trust_domain;
    format!(
        r#"- name: envoy.filters.http.cors
  typed_config:
    "@type": {TYPE}.cors.v3.Cors
- name: envoy.filters.http.header_mutation
  typed_config:
    "@type": {TYPE}.header_mutation.v3.HeaderMutation
    mutations:
      # What only the mesh may say, and what Envoy takes for orders when the client's address is a private one.
      request_mutations:
      - remove_on_match: {{ key_matcher: {{ prefix: x-shopmesh- }} }}
      - remove_on_match: {{ key_matcher: {{ prefix: x-envoy- }} }}
      response_mutations:
{security_headers}
# Text in gzip, for clients that take it.
- name: envoy.filters.http.compressor
  typed_config:
    "@type": {TYPE}.compressor.v3.Compressor
    compressor_library:
      name: gzip
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip
    response_direction_config:
      common_config:
        min_content_length: 1024
        content_type: [application/javascript, application/json, image/svg+xml, text/css, text/html, text/javascript, text/plain]
      weaken_etag_on_compress: true
# 10 requests a second, burst 20, per client address.
- name: envoy.filters.http.local_ratelimit
  typed_config:
{per_address}
- name: envoy.filters.http.grpc_web
  typed_config:
    "@type": {TYPE}.grpc_web.v3.GrpcWeb
- name: {TRANSCODER}
  typed_config:
{transcoder}
# From here on a request is a gRPC request: rules match on /package.Service/Method, whatever its path was.
- name: envoy.filters.http.jwt_authn
  typed_config:
    "@type": {TYPE}.jwt_authn.v3.JwtAuthentication
    providers:
      shopmesh:
        issuer: https://{issuer}
        audiences: [shopmesh]
        forward: true
        require_expiration: true
        remote_jwks:
          http_uri:
            uri: https://identity.{issuer}/.well-known/jwks.json
            cluster: identity
            timeout: 2s
          cache_duration: 300s
        jwt_cache_config: {{ jwt_cache_size: 1000 }}
    # Bad tokens end here. Whether a call needs one is for the service to say, from the same contract.
    rules:
    - match: {{ prefix: / }}
      requires:
        requires_any:
          requirements:
          - provider_name: shopmesh
          - allow_missing: {{}}
    bypass_cors_preflight: true
# Off but for the routes that set a bucket of their own.
- name: {RPC_RATELIMIT}
  typed_config:
    "@type": {TYPE}.local_ratelimit.v3.LocalRateLimit
    stat_prefix: per_rpc
- name: envoy.filters.http.router
  typed_config:
    "@type": {TYPE}.router.v3.Router
    # Nobody outside needs to know how long a service took.
    suppress_envoy_headers: true"#,
        security_headers = indent(6, &security_headers()),
    )
}

/// The settings of the transcoder for the route of a page: the query is the page's own, also where it is named as a field that the
/// path holds.
pub fn page_transcoder(params: &EdgeYamlParams, page: &MethodPolicy) -> String {
    let templates = page.http.iter().filter_map(|binding| Template::parse(&binding.template).ok());
    let fields = templates.flat_map(|template| template.variables).map(|variable| variable.field);
    let fields: Vec<String> = BTreeSet::from_iter(fields).into_iter().collect();
    let query =
        format!("ignore_unknown_query_parameters: true\nignored_query_parameters: [{}]\n", fields.join(", "));
    transcoder(params, [page.service.as_str()], &query, "")
}

/// The settings of a transcoder for these services.
fn transcoder<'a>(
    params: &EdgeYamlParams,
    services: impl IntoIterator<Item = &'a str>,
    query: &str,
    checks: &str,
) -> String {
    let services: String = services.into_iter().map(|service| format!("\n- {service}")).collect();
    let descriptors = quoted(&params.descriptors);
    format!(
        r#""@type": {TYPE}.grpc_json_transcoder.v3.GrpcJsonTranscoder
proto_descriptor: {descriptors}
convert_grpc_status: true
max_request_body_size: 1048576
# Browsers write a space in a query as `+`.
query_param_unescape_plus: true
{query}print_options: {{ always_print_primitive_fields: true }}
request_validation_options:
  reject_unknown_method: true{checks}
  reject_binding_body_field_collisions: true
services:{services}"#
    )
}

/// What a browser needs to be told (OWASP secure headers).
fn security_headers() -> String {
    let csp = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'self'";
    [
        ("content-security-policy", csp),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ]
    .map(|(key, value)| {
        format!(
            "- append:\n    header: {{ key: {key}, value: \"{value}\" }}\n    append_action: OVERWRITE_IF_EXISTS_OR_ADD"
        )
    })
    .join("\n")
}

/// The settings of a rate limit with one bucket per client address.
pub fn local_ratelimit(stat_prefix: &str, bucket: &Bucket, enforced: bool) -> String {
    let percent = if enforced { 100 } else { 0 };
    let Bucket { burst, per_second } = bucket;
    format!(
        r#""@type": {TYPE}.local_ratelimit.v3.LocalRateLimit
stat_prefix: {stat_prefix}
filter_enabled: {{ default_value: {{ numerator: {percent}, denominator: HUNDRED }} }}
filter_enforced: {{ default_value: {{ numerator: {percent}, denominator: HUNDRED }} }}
# The default bucket is for requests without a descriptor; there are none.
token_bucket: {{ max_tokens: 10000, tokens_per_fill: 10000, fill_interval: 1s }}
always_consume_default_token_bucket: false
max_dynamic_descriptors: 10000
rate_limits:
- actions:
  - remote_address: {{}}
descriptors:
- entries:
  - key: remote_address
  token_bucket: {{ max_tokens: {burst}, tokens_per_fill: {per_second}, fill_interval: 1s }}
enable_x_ratelimit_headers: DRAFT_VERSION_03
rate_limited_as_resource_exhausted: true"#
    )
}

/// The settings of a rate limit that limits nothing: not enabled, with the bucket that Envoy asks of a route.
pub fn no_ratelimit() -> String {
    format!(
        "\"@type\": {TYPE}.local_ratelimit.v3.LocalRateLimit\nstat_prefix: unlimited\ntoken_bucket: {{ max_tokens: 1, fill_interval: 1s }}"
    )
}
