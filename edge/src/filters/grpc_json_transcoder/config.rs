//! `envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder`, as far as it is honored: all but
//! `capture_unknown_query_parameters`.

use serde::Deserialize;
use shopmesh_json::{
    self as json, ParseOptions,
    http_rule::{BindingOptions, Unescape, UnknownQuery},
};

use crate::bootstrap::{
    reader::{ConfigError, YamlPath},
    scalars::{Base64Bytes, Wrapper},
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools)] // Each is a field of Envoy's message.
pub struct GrpcJsonTranscoder {
    /// File with a serialized FileDescriptorSet.
    pub proto_descriptor: Option<String>,
    /// The same inline.
    pub proto_descriptor_bin: Option<Base64Bytes>,
    /// Full names; an unknown one is an error. Without any the filter is off.
    pub services: Vec<String>,
    pub print_options: PrintOptions,
    /// Methods without `google.api.http` are served at `POST /package.Service/Method`.
    pub auto_mapping: bool,
    /// A failed call's status as the JSON body.
    pub convert_grpc_status: bool,
    /// The route of the REST path stays; otherwise that of the gRPC path is looked up.
    pub match_incoming_request_route: bool,
    pub ignored_query_parameters: Vec<String>,
    pub ignore_unknown_query_parameters: bool,
    pub request_validation_options: RequestValidationOptions,
    pub url_unescape_spec: UrlUnescapeSpec,
    pub query_param_unescape_plus: bool,
    pub match_unregistered_custom_verb: bool,
    pub case_insensitive_enum_parsing: bool,
    /// Bytes; the connection's buffer limit when left out.
    pub max_request_body_size: Option<Wrapper<u32>>,
    /// Bytes of one message; the connection's buffer limit when left out.
    pub max_response_body_size: Option<Wrapper<u32>>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools)]
pub struct PrintOptions {
    pub add_whitespace: bool,
    pub always_print_primitive_fields: bool,
    pub always_print_enums_as_ints: bool,
    pub preserve_proto_field_names: bool,
    pub stream_newline_delimited: bool,
    pub stream_sse_style_delimited: bool,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestValidationOptions {
    /// 404, or 405 where the path is known, rather than handing the request on.
    pub reject_unknown_method: bool,
    pub reject_unknown_query_parameters: bool,
    /// Refuse a body that says otherwise than the path. Without it the path wins; unlike Envoy, nothing ever overrides it, and a
    /// query that body or path contradict is always refused.
    pub reject_binding_body_field_collisions: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum UrlUnescapeSpec {
    #[default]
    #[serde(rename = "ALL_CHARACTERS_EXCEPT_RESERVED", alias = "0")]
    ExceptReserved,
    #[serde(rename = "ALL_CHARACTERS_EXCEPT_SLASH", alias = "1")]
    ExceptSlash,
    #[serde(rename = "ALL_CHARACTERS", alias = "2")]
    All,
}

impl GrpcJsonTranscoder {
    /// Refuses limits that nothing could keep.
    pub fn check(&self, at: &YamlPath) -> Result<(), ConfigError> {
        let limits = [
            ("max_request_body_size", self.max_request_body_size),
            ("max_response_body_size", self.max_response_body_size),
        ];
        match limits.into_iter().find(|(_, limit)| *limit == Some(Wrapper(0))) {
            Some((name, _)) => Err(at.field(name).error("must be above 0")),
            None => Ok(()),
        }
    }

    /// How requests are read. Unknown JSON fields are ignored, for which Envoy has no switch.
    pub fn binding_options(&self) -> BindingOptions {
        let checks = self.request_validation_options;
        BindingOptions {
            parse: ParseOptions {
                ignore_unknown_fields: true,
                case_insensitive_enum: self.case_insensitive_enum_parsing,
            },
            unescape: match self.url_unescape_spec {
                UrlUnescapeSpec::ExceptReserved => Unescape::AllExceptReserved,
                UrlUnescapeSpec::ExceptSlash => Unescape::AllExceptSlash,
                UrlUnescapeSpec::All => Unescape::All,
            },
            plus_is_space: self.query_param_unescape_plus,
            unknown_query: if self.ignore_unknown_query_parameters {
                UnknownQuery::Ignore
            } else if checks.reject_unknown_query_parameters {
                UnknownQuery::Refuse
            } else {
                UnknownQuery::NotOurs
            },
            ignored_query_parameters: self.ignored_query_parameters.iter().cloned().collect(),
            refuse_collisions: checks.reject_binding_body_field_collisions,
        }
    }
}

impl PrintOptions {
    /// How a message is printed that stands alone.
    pub fn unary(self) -> json::PrintOptions {
        json::PrintOptions {
            preserve_proto_field_names: self.preserve_proto_field_names,
            always_print_primitive_fields: self.always_print_primitive_fields,
            always_print_enums_as_ints: self.always_print_enums_as_ints,
            add_whitespace: self.add_whitespace,
            unknown_any_as_base64: false,
        }
    }
}
