//! A checked transcoder: which RPC a request means, and its message.

use super::config::{GrpcJsonTranscoder, PrintOptions};
use crate::{
    bootstrap::reader::{ConfigError, YamlPath, resolve},
    filters::{LocalReply, code},
};
use http::{Method, StatusCode, Uri};
use prost_reflect::{DescriptorPool, MethodDescriptor};
use shopmesh_proto::json::{
    self,
    http_rule::{BindError, Bindings, Lookup, RouteTable, bind},
};
use std::path::Path;

/// The full name of a body that is passed as it is (google/api/httpbody.proto).
const HTTP_BODY: &str = "google.api.HttpBody";

pub struct Transcoder {
    table: RouteTable,
    pub print: PrintOptions,
    pub convert_grpc_status: bool,
    pub reject_unknown_method: bool,
    pub max_request: Option<usize>,
    pub max_response: Option<usize>,
}

/// A request that was understood.
pub struct Call {
    /// The RPC.
    pub method: MethodDescriptor,
    /// Its request, on the wire.
    pub message: Vec<u8>,
}

/// What became of a request.
pub enum Understood {
    /// An RPC is meant, but its body is to come; hand it to `Transcoder::call`.
    Rpc,
    /// Nobody has this path.
    Unknown,
    /// The path takes these methods only.
    WrongMethod(String),
}

impl Transcoder {
    pub fn new(config: GrpcJsonTranscoder, at: &YamlPath, base_dir: &Path) -> Result<Self, ConfigError> {
        let checks = config.request_validation_options;
        let strict = checks.reject_unknown_query_parameters && checks.reject_binding_body_field_collisions;
        if !config.services.is_empty() && !strict {
            return Err(at.field("request_validation_options").error(
                "this edge always refuses unknown query parameters and collisions of path and body: say so by \
                 `reject_unknown_query_parameters: true` and `reject_binding_body_field_collisions: true`",
            ));
        }
        let table = match &config.proto_descriptor {
            _ if config.services.is_empty() => RouteTable::default(),
            None => return Err(at.field("proto_descriptor").error("is required")),
            Some(name) => {
                let (at_file, path) = (at.field("proto_descriptor"), resolve(base_dir, name));
                let bytes = std::fs::read(&path)
                    .map_err(|error| at_file.error(format!("{}: {error}", path.display())))?;
                let pool = DescriptorPool::decode(bytes.as_slice()).map_err(|error| {
                    at_file.error(format!("{} is no descriptor set: {error}", path.display()))
                })?;
                RouteTable::new(&pool, &config.services)
                    .map_err(|error| at.field("services").error(error.to_string()))?
            }
        };
        Ok(Self {
            table,
            print: config.print_options,
            convert_grpc_status: config.convert_grpc_status,
            reject_unknown_method: checks.reject_unknown_method,
            max_request: config.max_request_body_size,
            max_response: config.max_response_body_size,
        })
    }

    /// Whether the path means an RPC, before its body is read.
    pub fn understand(&self, method: &Method, uri: &Uri) -> Understood {
        match self.table.find(method.as_str(), uri.path()) {
            Lookup::Found(..) => Understood::Rpc,
            Lookup::Unknown => Understood::Unknown,
            Lookup::WrongMethod(methods) => {
                Understood::WrongMethod(methods.into_iter().collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The RPC and its message.
    pub fn call(&self, method: &Method, uri: &Uri, body: &[u8]) -> Result<Call, LocalReply> {
        let Lookup::Found(route, path) = self.table.find(method.as_str(), uri.path()) else {
            return Err(not_found());
        };
        let parts = Bindings { path: &path, query: uri.query().unwrap_or_default(), body };
        let message = bind(route, parts).map_err(|error| malformed(&error))?;
        Ok(Call { method: route.method.clone(), message: json::to_wire(&message) })
    }

    /// How messages are printed.
    pub fn print_options(&self) -> json::PrintOptions {
        json::PrintOptions {
            add_whitespace: self.print.add_whitespace,
            always_print_primitive_fields: self.print.always_print_primitive_fields,
            always_print_enums_as_ints: self.print.always_print_enums_as_ints,
            preserve_proto_field_names: self.print.preserve_proto_field_names,
        }
    }
}

/// Whether an RPC answers with a body of its own kind.
pub fn answers_http_body(method: &MethodDescriptor) -> bool {
    method.output().full_name() == HTTP_BODY
}

pub fn not_found() -> LocalReply {
    LocalReply::new(StatusCode::NOT_FOUND, "grpc_json_transcode_not_found", "no such path")
        .with_code(code::NOT_FOUND)
}

fn malformed(error: &BindError) -> LocalReply {
    let violation = shopmesh_proto::google::rpc::bad_request::FieldViolation {
        field: error.field.clone(),
        description: error.problem.clone(),
        ..Default::default()
    };
    let detail = shopmesh_proto::google::rpc::BadRequest { field_violations: vec![violation] };
    let reply =
        LocalReply::new(StatusCode::BAD_REQUEST, "grpc_json_transcode_bad_request", error.to_string());
    match prost_types::Any::from_msg(&detail) {
        Ok(detail) => reply.with_code(code::INVALID_ARGUMENT).with_detail(detail),
        Err(_) => reply.with_code(code::INVALID_ARGUMENT),
    }
}
