//! `envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder`, as far as it is honoured.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrpcJsonTranscoder {
    /// File with a serialized FileDescriptorSet.
    #[serde(default)]
    pub proto_descriptor: Option<String>,
    /// Full names; an unknown one is an error.
    #[serde(default)]
    pub services: Vec<String>,
    #[serde(default)]
    pub print_options: PrintOptions,
    /// A failed call's status as the JSON body.
    #[serde(default)]
    pub convert_grpc_status: bool,
    #[serde(default)]
    pub request_validation_options: RequestValidationOptions,
    /// Bytes; the connection's buffer limit when left out.
    #[serde(default)]
    pub max_request_body_size: Option<usize>,
    /// Bytes; the connection's buffer limit when left out.
    #[serde(default)]
    pub max_response_body_size: Option<usize>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrintOptions {
    pub add_whitespace: bool,
    pub always_print_primitive_fields: bool,
    pub always_print_enums_as_ints: bool,
    pub preserve_proto_field_names: bool,
    pub stream_newline_delimited: bool,
    pub stream_sse_style_delimited: bool,
}

/// Unknown query parameters and parameters that collide with the path are always refused: both options must be on.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestValidationOptions {
    pub reject_unknown_method: bool,
    pub reject_unknown_query_parameters: bool,
    pub reject_binding_body_field_collisions: bool,
}
