//! One rule compiled for its messages: from path, query and body to the request message.

use std::collections::{BTreeMap, HashSet};

use super::error::RuleError;
use super::query::{MALFORMED, Unescape};
use super::rule::{BodyUse, HttpRule};
use crate::{
    codec::JsonCodec,
    error::JsonError,
    field_path::{FieldPath, LeafClass},
    options::ParseOptions,
    table::MessageId,
    wire::{put_bytes_field, put_bytes_tag, put_varint},
};

/// The message whose JSON is its bytes (google/api/httpbody.proto).
pub const HTTP_BODY: &str = "google.api.HttpBody";

/// How requests are read.
#[derive(Clone, Debug, Default)]
pub struct BindingOptions {
    /// For the body and for the names of enum values.
    pub parse: ParseOptions,
    /// For path variables of several segments.
    pub unescape: Unescape,
    /// A `+` in the query is a space.
    pub plus_is_space: bool,
    /// Query parameters that are none of the message's.
    pub unknown_query: UnknownQuery,
    /// Query parameters that are skipped by name.
    pub ignored_query_parameters: HashSet<String>,
    /// Refuse a body that says otherwise than the path, rather than let the path win.
    pub refuse_collisions: bool,
}

/// What to do about query parameters that name no field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownQuery {
    /// The request is not for this rule (Envoy's default).
    #[default]
    NotOurs,
    /// Skip them.
    Ignore,
    /// Refuse the request.
    Refuse,
}

/// Why a request does not become a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// See [`UnknownQuery::NotOurs`]; which parameter it is.
    NotOurs(String),
    /// The request is wrong: fields and what is wrong with them.
    Invalid(Vec<(String, String)>),
}

impl From<JsonError> for RequestError {
    fn from(error: JsonError) -> Self {
        Self::invalid(error.path(), error.problem())
    }
}

impl RequestError {
    pub(super) fn invalid(field: &str, problem: &str) -> Self {
        Self::Invalid(vec![(field.to_owned(), problem.to_owned())])
    }
}

/// A rule compiled for the messages of its method.
#[derive(Debug)]
pub struct Binding {
    /// What the body holds.
    pub body: BodyUse,
    /// The top-level field of the response that is its body.
    pub response_body: Option<String>,
    /// The body is a `google.api.HttpBody`: bytes of any kind rather than JSON.
    pub http_body: bool,
    /// So is the answer's.
    pub answers_http_body: bool,
    pub(super) input: MessageId,
    pub(super) body_path: Option<FieldPath>,
    pub(super) variables: Vec<(FieldPath, Decoding)>,
}

/// How a variable is decoded: those of several segments by the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoding {
    Completely,
    ByOption,
}

/// The fields that path and query set, on the wire.
#[derive(Debug, Default)]
pub struct Bound {
    pub(super) query: Vec<u8>,
    pub(super) path: Vec<u8>,
    /// What the query set, and how often.
    pub(super) given: BTreeMap<FieldPath, usize>,
}

impl Binding {
    /// Compiles a rule.
    ///
    /// # Errors
    /// If it names a field that is not there or not of a kind that can stand at that place.
    pub fn compile(
        codec: &JsonCodec,
        rule: &HttpRule,
        input: MessageId,
        output: MessageId,
    ) -> Result<Self, RuleError> {
        let variables = rule.template.variables.iter().map(|variable| {
            let path = codec.field_path(input, &variable.field);
            let is_text = |path: &_| matches!(codec.leaf_class(path), LeafClass::Scalar | LeafClass::Text);
            let path = path.filter(is_text).ok_or_else(|| {
                let (field, message) = (&variable.field, codec.name(input));
                let kinds = "a singular scalar, time, duration, field mask or wrapper";
                RuleError(format!("{{{field}}} must be a field of {message} that is {kinds}"))
            })?;
            let decoding = if variable.multi_segment { Decoding::ByOption } else { Decoding::Completely };
            Ok((path, decoding))
        });
        let body_path = match &rule.body {
            BodyUse::Field(field) => Some(
                codec
                    .field_path(input, field)
                    .filter(|_| codec.has_field(input, field))
                    .ok_or_else(|| no_field("body", field, codec.name(input)))?,
            ),
            BodyUse::None | BodyUse::Whole => None,
        };
        if let Some(field) = &rule.response_body
            && !codec.has_field(output, field)
        {
            return Err(no_field("response_body", field, codec.name(output)));
        }
        let answer = match &rule.response_body {
            None => Some(output),
            Some(field) => codec.field_message(output, field),
        };
        let is_http_body = |message: Option<MessageId>| message.is_some_and(|id| codec.name(id) == HTTP_BODY);
        let body_message = match &rule.body {
            BodyUse::None => None,
            BodyUse::Whole => Some(input),
            BodyUse::Field(field) => codec.field_message(input, field),
        };
        Ok(Self {
            body: rule.body.clone(),
            response_body: rule.response_body.clone(),
            http_body: is_http_body(body_message),
            answers_http_body: is_http_body(answer),
            input,
            body_path,
            variables: variables.collect::<Result<_, RuleError>>()?,
        })
    }

    /// Reads what path and query say.
    ///
    /// # Errors
    /// Every parameter that is wrong; or that the request is not for this rule.
    pub fn bind(
        &self,
        codec: &JsonCodec,
        variables: &[&str],
        query: &str,
        options: &BindingOptions,
    ) -> Result<Bound, RequestError> {
        let mut bound = Bound::default();
        let mut violations = Vec::new();
        for ((path, decoding), text) in self.variables.iter().zip(variables) {
            let unescape = match decoding {
                Decoding::Completely => Unescape::All,
                Decoding::ByOption => options.unescape,
            };
            let written = match unescape.decode(text) {
                Some(text) => codec.bind(path, &text, &options.parse, &mut bound.path).err(),
                None => Some(JsonError::new(MALFORMED).in_field(&codec.path_name(path))),
            };
            violations.extend(written.map(violation));
        }
        self.bind_query(codec, query, options, &mut bound, &mut violations)?;
        if violations.is_empty() { Ok(bound) } else { Err(RequestError::Invalid(violations)) }
    }

    /// Appends the message. No body is an empty object.
    ///
    /// # Errors
    /// If the body is no JSON of its message, is one where the rule has none, or is in conflict with query or path.
    pub fn message(
        &self,
        codec: &JsonCodec,
        bound: &Bound,
        body: &[u8],
        options: &BindingOptions,
        out: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let start = out.len();
        match &self.body {
            BodyUse::None if !body.is_empty() => {
                return Err(RequestError::invalid("", "this method takes no request body"));
            }
            BodyUse::None => {}
            BodyUse::Whole if body.is_empty() => {}
            BodyUse::Field(field) if body.is_empty() => {
                if codec.field_message(self.input, field).is_some()
                    && let Some(number) = codec.field_number(self.input, field)
                {
                    put_bytes_field(number, &[], out);
                }
            }
            BodyUse::Whole => codec.parse(self.input, body, &options.parse, out)?,
            BodyUse::Field(field) => codec.parse_field(self.input, field, body, &options.parse, out)?,
        }
        self.finish(codec, bound, options, start, out)
    }

    /// Appends a message whose body is a `google.api.HttpBody` ([`Self::http_body`]).
    ///
    /// # Errors
    /// If query or path set a field of the body to something else.
    pub fn message_of_bytes(
        &self,
        codec: &JsonCodec,
        bound: &Bound,
        content_type: &str,
        data: &[u8],
        options: &BindingOptions,
        out: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let start = out.len();
        let mut head = Vec::with_capacity(content_type.len() + 16);
        put_bytes_field(1, content_type.as_bytes(), &mut head);
        put_bytes_tag(2, &mut head);
        put_varint(data.len() as u64, &mut head);
        if let BodyUse::Field(field) = &self.body
            && let Some(number) = codec.field_number(self.input, field)
        {
            put_bytes_tag(number, out);
            put_varint((head.len() + data.len()) as u64, out);
        }
        out.extend_from_slice(&head);
        out.extend_from_slice(data);
        self.finish(codec, bound, options, start, out)
    }

    /// Query and path go behind the body, which begins at `start`, so that they override it; the path last. Only what the path
    /// says may differ elsewhere, and only if the options say so: nothing else is lost in silence.
    fn finish(
        &self,
        codec: &JsonCodec,
        bound: &Bound,
        options: &BindingOptions,
        start: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        let body = &out[start..];
        let refuse = |path: &FieldPath, problem| Err(RequestError::invalid(&codec.path_name(path), problem));
        let given: Vec<&FieldPath> = bound.given.keys().collect();
        if let Some(path) = codec.conflict(&given, body, &bound.query)? {
            return refuse(path, "differs from the body; give it once");
        }
        // What joins the path's value would change it.
        let compared = |path: &&FieldPath| options.refuse_collisions || codec.joins(path);
        let variables: Vec<&FieldPath> =
            self.variables.iter().map(|(path, _)| path).filter(compared).collect();
        if let Some(path) = codec.conflict(&variables, body, &bound.path)? {
            return refuse(path, "differs from the value in the path; leave it out of the body");
        }
        out.extend_from_slice(&bound.query);
        out.extend_from_slice(&bound.path);
        Ok(())
    }
}

pub(super) fn violation(error: JsonError) -> (String, String) {
    (error.path().to_owned(), error.problem().to_owned())
}

fn no_field(what: &str, field: &str, message: &str) -> RuleError {
    RuleError(format!("{what} {field:?} is no field of {message}"))
}
