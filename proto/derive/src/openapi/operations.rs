//! One operation: a REST form of an RPC.

use std::collections::BTreeMap;

use prost_reflect::{FieldDescriptor, MethodDescriptor};
use shopmesh_json::http_rule::{BodyUse, HTTP_BODY, HttpRule};
use shopmesh_proto::policy::MethodPolicy;

use super::model::{MediaType, Operation, Parameter, RequestBody, Response};
use super::schemas::{Schemas, Side};
use super::{access, comments, outcomes, parameters, paths, schema::Schema};

/// An operation and where it is.
pub struct Placed {
    pub path: String,
    pub operation: Operation,
}

/// Describes one REST form; `form` counts those of the same RPC.
pub fn describe(
    method: &MethodDescriptor,
    policy: &MethodPolicy,
    rule: &HttpRule,
    form: usize,
    schemas: &mut Schemas,
) -> Placed {
    let service = method.parent_service();
    let path = paths::form(&rule.template, &method.input(), schemas);
    let names_resource = !path.parameters.is_empty();
    let request_body = request_body(method, rule, schemas);
    let mut parameters = path.parameters;
    parameters.extend(query(method, rule, schemas));
    let facts = outcomes::Facts { policy, names_resource, has_body: request_body.is_some() };
    let mut responses: BTreeMap<u16, Response> = outcomes::of(&facts).collect();
    responses.insert(200, success(method, policy, rule, schemas));
    let comment = comments::of(&method.parent_file(), method.path());
    let number = if form == 0 { String::new() } else { format!("_{}", form + 1) };
    let operation = Operation {
        operation_id: format!("{}_{}{number}", service.name(), method.name()),
        tags: vec![service.name().to_owned()],
        summary: comments::first_sentence(&comment).to_owned(),
        description: format!("{comment}\n\n{}", access::sentence(policy)),
        parameters,
        request_body,
        responses,
        security: access::security(policy),
        policy: access::policy(policy),
    };
    Placed { path: path.path, operation }
}

/// What of the message stands in the query: all that path and body do not hold.
fn query(method: &MethodDescriptor, rule: &HttpRule, schemas: &mut Schemas) -> Vec<Parameter> {
    let mut covered: Vec<&str> =
        rule.template.variables.iter().map(|variable| variable.field.as_str()).collect();
    match &rule.body {
        BodyUse::Whole => return Vec::new(),
        BodyUse::Field(field) => covered.push(field),
        BodyUse::None => {}
    }
    parameters::query(&method.input(), &covered, schemas)
}

fn request_body(method: &MethodDescriptor, rule: &HttpRule, schemas: &mut Schemas) -> Option<RequestBody> {
    let input = method.input();
    // A field of the path is not said again.
    let in_path = |prefix: &str, field: &FieldDescriptor| {
        let path = format!("{prefix}{}", field.name());
        rule.template.variables.iter().any(|variable| variable.field == path)
    };
    let schema = match &rule.body {
        BodyUse::None => return None,
        BodyUse::Whole => schemas.object(&input, Side::Request, &|field| in_path("", field)),
        BodyUse::Field(name) => {
            let field = input.get_field_by_name(name)?;
            match field.kind() {
                prost_reflect::Kind::Message(message) if !field.is_list() && !field.is_map() => {
                    let prefix = format!("{name}.");
                    let in_path = |field: &FieldDescriptor| in_path(&prefix, field);
                    if message.fields().any(|field| in_path(&field)) {
                        schemas.object(&message, Side::Request, &in_path)
                    } else {
                        schemas.message(&message, Side::Request)
                    }
                }
                _ => schemas.field(&field, Side::Request),
            }
        }
    };
    // An empty body is an empty object, and no list of them.
    let required = method.is_client_streaming() || schema.reference.is_some() || !schema.required.is_empty();
    let schema = if method.is_client_streaming() { Schema::list(schema) } else { schema };
    let content = [("application/json".to_owned(), schema.into())].into();
    Some(RequestBody { required, content })
}

fn success(
    method: &MethodDescriptor,
    policy: &MethodPolicy,
    rule: &HttpRule,
    schemas: &mut Schemas,
) -> Response {
    let output = method.output();
    let content = if output.full_name() == HTTP_BODY {
        let media_types = policy.media_types.iter();
        media_types.map(|kind| (kind.clone(), body_schema(kind).into())).collect()
    } else {
        let field = rule.response_body.as_deref().and_then(|name| output.get_field_by_name(name));
        let schema = match field {
            Some(field) => schemas.field(&field, Side::Answer),
            None => schemas.message(&output, Side::Answer),
        };
        if method.is_server_streaming() {
            stream(schema, schemas)
        } else {
            [("application/json".to_owned(), schema.into())].into()
        }
    };
    Response::Here { description: "OK.".to_owned(), headers: BTreeMap::new(), content }
}

/// Bytes, text, or a JSON object of its own kind.
fn body_schema(media_type: &str) -> Schema {
    match media_type {
        kind if kind.ends_with("json") => Schema::of("object"),
        kind if kind.starts_with("text/") => Schema::of("string"),
        // OpenAPI 3.1: bytes that are not encoded have no type.
        _ => Schema::default(),
    }
}

/// The forms of a stream (`edge`, `grpc_json_transcoder/stream.rs`): which one comes is for `accept` to say.
fn stream(item: Schema, schemas: &mut Schemas) -> BTreeMap<String, MediaType> {
    let failure = Schema {
        properties: vec![("error".to_owned(), Schema::reference("google.rpc.Status"))],
        required: vec!["error".to_owned()],
        ..Schema::of("object").described("The last item of a stream that failed.")
    };
    let failure = schemas.add("StreamFailure", failure);
    let items = Schema::list(Schema::any_of(vec![item, failure]));
    let text = |description: &str| Schema::of("string").described(description);
    [
        ("application/json", items.described("The items, as they come.")),
        ("application/x-ndjson", text("An item to a line.")),
        ("text/event-stream", text("An item to an event; a failure is an event called `error`.")),
    ]
    .into_iter()
    .map(|(kind, schema)| (kind.to_owned(), schema.into()))
    .collect()
}
