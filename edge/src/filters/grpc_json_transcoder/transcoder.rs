//! A checked transcoder: which RPC a request means, and its messages.

use std::{borrow::Cow, path::Path, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, Uri, uri::PathAndQuery};
use prost::Message as _;
use prost_reflect::MethodDescriptor;
use shopmesh_json::{
    self as json, JsonCodec, JsonError, MessageId,
    google::{
        api::HttpBody,
        rpc::{BadRequest, Status, bad_request::FieldViolation},
    },
    http_rule::{
        Binding, BindingOptions, BodyUse, Bound, Lookup, RequestError, RouteTable, UNKNOWN_PARAMETER,
        auto_mapping, http_rules,
    },
};

use super::{
    config::{GrpcJsonTranscoder, PrintOptions},
    contracts::Contracts,
    frame,
};
use crate::{
    bootstrap::{
        reader::{ConfigError, YamlPath},
        scalars::Wrapper,
    },
    http::{LocalReply, code},
};

/// An HttpBody for a method that takes a stream is cut into pieces of this size, as in Envoy.
const PIECE: usize = 1 << 20;

pub struct Transcoder {
    contracts: Arc<Contracts>,
    table: RouteTable<Arc<Endpoint>>,
    options: BindingOptions,
    pub print: PrintOptions,
    pub convert_grpc_status: bool,
    pub reject_unknown_method: bool,
    pub keep_route: bool,
    pub max_request: Option<usize>,
    pub max_response: Option<usize>,
}

/// One REST form of one RPC.
pub struct Endpoint {
    /// `/package.Service/Method`.
    pub path: PathAndQuery,
    pub client_streaming: bool,
    pub server_streaming: bool,
    binding: Binding,
    output: MessageId,
}

/// A request whose path and query are understood; its body is to come.
pub struct Call {
    pub endpoint: Arc<Endpoint>,
    bound: Bound,
}

/// What became of a request.
pub enum RequestMatch {
    /// An RPC is meant.
    Rpc(Call),
    /// None is.
    Unknown,
    /// The path takes these methods only.
    WrongMethod(String),
    /// One is meant, but not in a way that it takes.
    Invalid(LocalReply),
}

impl Transcoder {
    pub fn new(config: &GrpcJsonTranscoder, at: &YamlPath, base_dir: &Path) -> Result<Self, ConfigError> {
        config.check(at)?;
        let contracts = Contracts::load(config, at, base_dir)?;
        let mut table = RouteTable::new(config.match_unregistered_custom_verb);
        for (index, name) in config.services.iter().enumerate() {
            let at = at.field("services").index(index);
            let service = contracts
                .pool
                .get_service_by_name(name)
                .ok_or_else(|| at.error(format!("service {name:?} is not in the descriptors")))?;
            for method in service.methods() {
                add(&mut table, &contracts.codec, &method, config.auto_mapping)
                    .map_err(|problem| at.error(problem))?;
            }
        }
        let size = |limit: Wrapper<u32>| usize::try_from(limit.0).unwrap_or(usize::MAX);
        Ok(Self {
            options: config.binding_options(),
            print: config.print_options,
            convert_grpc_status: config.convert_grpc_status,
            reject_unknown_method: config.request_validation_options.reject_unknown_method
                && !config.services.is_empty(),
            keep_route: config.match_incoming_request_route,
            max_request: config.max_request_body_size.map(size),
            max_response: config.max_response_body_size.map(size),
            contracts,
            table,
        })
    }

    /// Which RPC a request means, before its body is read.
    pub fn match_request(&self, method: &Method, uri: &Uri) -> RequestMatch {
        let found = match self.table.find(method.as_str(), uri.path()) {
            Lookup::Found(found) => found,
            Lookup::Unknown => return RequestMatch::Unknown,
            Lookup::OtherMethods(methods) => {
                return RequestMatch::WrongMethod(methods.into_iter().collect::<Vec<_>>().join(", "));
            }
        };
        let query = uri.query().unwrap_or_default();
        match found.target.binding.bind(&self.contracts.codec, &found.variables, query, &self.options) {
            Ok(bound) => RequestMatch::Rpc(Call { endpoint: found.target.clone(), bound }),
            // Handed on, unless nothing unknown may be.
            Err(RequestError::NotOurs(name)) if self.reject_unknown_method => {
                RequestMatch::Invalid(invalid(vec![(name, UNKNOWN_PARAMETER.to_owned())]))
            }
            Err(RequestError::NotOurs(_)) => RequestMatch::Unknown,
            Err(RequestError::Invalid(violations)) => RequestMatch::Invalid(invalid(violations)),
        }
    }

    /// Whether a body of this content type may be read. JSON may go without one.
    pub fn takes(&self, call: &Call, content_type: Option<&str>) -> bool {
        let binding = &call.endpoint.binding;
        if binding.http_body || binding.body == BodyUse::None {
            return true;
        }
        let media_type = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default();
        let media_type = media_type.trim().to_ascii_lowercase();
        media_type == "application/json" || media_type.ends_with("+json")
    }

    /// The request's gRPC frames.
    pub fn frames(&self, call: &Call, content_type: &str, body: &[u8]) -> Result<Bytes, LocalReply> {
        let mut frames = Vec::with_capacity(body.len() + 64);
        match self.write_frames(call, content_type, body, &mut frames) {
            Ok(()) => Ok(frames.into()),
            Err(RequestError::Invalid(violations)) => Err(invalid(violations)),
            Err(RequestError::NotOurs(_)) => Err(not_found()),
        }
    }

    fn write_frames(
        &self,
        call: &Call,
        content_type: &str,
        body: &[u8],
        frames: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let (codec, options, bound) = (&self.contracts.codec, &self.options, &call.bound);
        let binding = &call.endpoint.binding;
        let mut json =
            |body: &[u8]| frame::encode(frames, |out| binding.message(codec, bound, body, options, out));
        match (binding.http_body, call.endpoint.client_streaming) {
            (false, true) if binding.body != BodyUse::None => {
                let mut elements = json::list_elements(body)?.into_iter().enumerate();
                elements.try_for_each(|(at, element)| json(element).map_err(|error| in_element(error, at)))
            }
            (false, _) => json(body),
            (true, streaming) => {
                let pieces = if streaming && !body.is_empty() { PIECE } else { body.len().max(1) };
                let mut pieces = body.chunks(pieces).peekable();
                let empty = pieces.peek().is_none().then_some(&[][..]);
                pieces.chain(empty).try_for_each(|data| {
                    frame::encode(frames, |out| {
                        binding.message_of_bytes(codec, bound, content_type, data, options, out)
                    })
                })
            }
        }
    }

    /// Appends the JSON of a response message.
    pub fn print(
        &self,
        endpoint: &Endpoint,
        message: &[u8],
        options: &json::PrintOptions,
        out: &mut Vec<u8>,
    ) -> Result<(), JsonError> {
        match &endpoint.binding.response_body {
            None => self.contracts.codec.print(endpoint.output, message, options, out),
            Some(field) => self.contracts.codec.print_field(endpoint.output, field, message, options, out),
        }
    }

    /// Content type and bytes of an answer that is passed as it is.
    pub fn http_body(
        &self,
        endpoint: &Endpoint,
        message: Bytes,
    ) -> Result<(HeaderValue, Bytes), &'static str> {
        const DAMAGED: &str = "the upstream sent no google.api.HttpBody";
        let content = match &endpoint.binding.response_body {
            None => message,
            Some(field) => {
                match self
                    .contracts
                    .codec
                    .message_in(endpoint.output, field, &message)
                    .map_err(|_| DAMAGED)?
                {
                    Cow::Borrowed(content) => message.slice_ref(content),
                    Cow::Owned(content) => content.into(),
                }
            }
        };
        let body = HttpBody::decode(content).map_err(|_| DAMAGED)?;
        let content_type = HeaderValue::try_from(&body.content_type).ok().filter(|kind| !kind.is_empty());
        Ok((content_type.unwrap_or(HeaderValue::from_static("application/octet-stream")), body.data))
    }

    /// The JSON of a failed call's status.
    pub fn print_status(&self, status: &Status) -> Vec<u8> {
        self.contracts.codec.status_to_json(status, &self.print.unary())
    }
}

impl Endpoint {
    /// The answer is a `google.api.HttpBody`: bytes of any kind rather than JSON.
    pub fn answers_http_body(&self) -> bool {
        self.binding.answers_http_body
    }
}

fn add(
    table: &mut RouteTable<Arc<Endpoint>>,
    codec: &JsonCodec,
    method: &MethodDescriptor,
    auto: bool,
) -> Result<(), String> {
    let name = method.full_name();
    let message = |full_name: &str| {
        codec.message(full_name).ok_or_else(|| format!("{name}: {full_name} is not in the descriptors"))
    };
    let (input, output) = (message(method.input().full_name())?, message(method.output().full_name())?);
    let mut rules = http_rules(method).map_err(|error| error.to_string())?;
    if rules.is_empty() && auto {
        rules.push(auto_mapping(method));
    }
    for rule in rules {
        let binding =
            Binding::compile(codec, &rule, input, output).map_err(|error| format!("{name}: {error}"))?;
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let endpoint = Endpoint {
            path: PathAndQuery::try_from(path).map_err(|error| format!("{name}: {error}"))?,
            client_streaming: method.is_client_streaming(),
            server_streaming: method.is_server_streaming(),
            binding,
            output,
        };
        table
            .insert(&rule.method, rule.template, name, Arc::new(endpoint))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

pub fn not_found() -> LocalReply {
    LocalReply::new(StatusCode::NOT_FOUND, "grpc_json_transcode_not_found", "no such path")
        .with_code(code::NOT_FOUND)
}

/// An error in one of the messages of a stream.
fn in_element(error: RequestError, at: usize) -> RequestError {
    let RequestError::Invalid(violations) = error else { return error };
    let placed = violations.into_iter().map(|(field, problem)| match field.as_str() {
        "" => (format!("[{at}]"), problem),
        field => (format!("[{at}].{field}"), problem),
    });
    RequestError::Invalid(placed.collect())
}

fn invalid(violations: Vec<(String, String)>) -> LocalReply {
    let message = match violations.first() {
        Some((field, problem)) if field.is_empty() => problem.clone(),
        Some((field, problem)) => format!("{field}: {problem}"),
        None => "the request is not valid".to_owned(),
    };
    let field_violations = violations
        .into_iter()
        .map(|(field, description)| FieldViolation { field, description, ..FieldViolation::default() })
        .collect();
    let reply = LocalReply::new(StatusCode::BAD_REQUEST, "grpc_json_transcode_bad_request", message)
        .with_code(code::INVALID_ARGUMENT);
    match prost_types::Any::from_msg(&BadRequest { field_violations }) {
        Ok(detail) => reply.with_detail(detail),
        Err(_) => reply,
    }
}
