//! Each filter in a chain, at HTTP level.

mod compressor;
mod cors;
mod grpc_json_transcoder;
mod grpc_web;
mod header_mutation;
mod jwt_authn;
mod local_ratelimit;

/// An entry of `http_filters`.
pub fn filter(name: &str, message: &str, fields: &str) -> String {
    let fields = if fields.is_empty() { String::new() } else { format!(", {fields}") };
    format!(
        "{{ name: {name}, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.{message}{fields} }} }}, "
    )
}
