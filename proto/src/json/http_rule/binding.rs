//! One rule compiled for its messages: from path, query and body to the request message.

use std::collections::{HashMap, HashSet};

use super::HTTP_BODY;
use super::RuleError;
use super::query::{self, MALFORMED, Unescape};
use super::rule::HttpRule;
use crate::json::wire::put_bytes_field;
use crate::json::{FieldPath, JsonCodec, JsonError, LeafClass, MessageId, ParseOptions};

/// More query parameters than this are refused.
const MAX_PARAMETERS: usize = 1000;
/// More values of one repeated field than this are refused.
const MAX_VALUES: usize = 100;

/// What a request body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyUse {
    /// Nothing: there is none.
    None,
    /// The whole message.
    Whole,
    /// One top-level field.
    Field(String),
}

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
    /// Refuse requests that give a field in two places, rather than take the one that counts: path, then body, then query.
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
    /// See [`UnknownQuery::NotOurs`].
    NotOurs,
    /// The request is wrong: fields and what is wrong with them.
    Invalid(Vec<(String, String)>),
}

impl From<JsonError> for RequestError {
    fn from(error: JsonError) -> Self {
        Self::invalid(error.path(), error.problem())
    }
}

impl RequestError {
    fn invalid(field: &str, problem: &str) -> Self {
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
    input: MessageId,
    body_path: Option<FieldPath>,
    variables: Vec<(FieldPath, Decoding)>,
}

/// How a variable is decoded: those of several segments by the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decoding {
    Completely,
    ByOption,
}

/// The fields that path and query set, on the wire.
#[derive(Debug, Default)]
pub struct Bound {
    query: Vec<u8>,
    path: Vec<u8>,
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
            let path = path.filter(|path| codec.leaf_class(path) == LeafClass::Scalar).ok_or_else(|| {
                let (field, message) = (&variable.field, codec.name(input));
                RuleError(format!("{{{field}}} must be a singular scalar field of {message}"))
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
        let body_message = match &rule.body {
            BodyUse::None => None,
            BodyUse::Whole => Some(input),
            BodyUse::Field(field) => codec.field_message(input, field),
        };
        Ok(Self {
            body: rule.body.clone(),
            response_body: rule.response_body.clone(),
            http_body: body_message.is_some_and(|id| codec.name(id) == HTTP_BODY),
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
        self.bind_query(codec, query, options, &mut bound.query, &mut violations)?;
        if violations.is_empty() { Ok(bound) } else { Err(RequestError::Invalid(violations)) }
    }

    fn bind_query(
        &self,
        codec: &JsonCodec,
        query: &str,
        options: &BindingOptions,
        out: &mut Vec<u8>,
        violations: &mut Vec<(String, String)>,
    ) -> Result<(), RequestError> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for (at, (name, value)) in query::parameters(query).enumerate() {
            if at == MAX_PARAMETERS {
                return Err(RequestError::invalid(
                    "",
                    &format!("more than {MAX_PARAMETERS} query parameters"),
                ));
            }
            let decoded = query::decode_parameter(name, options.plus_is_space)
                .zip(query::decode_parameter(value, options.plus_is_space));
            let Some((name, value)) = decoded else {
                violations.push((name.to_owned(), MALFORMED.to_owned()));
                continue;
            };
            if options.ignored_query_parameters.contains(&name) {
                continue;
            }
            let Some(path) = codec.field_path(self.input, &name) else {
                match options.unknown_query {
                    UnknownQuery::NotOurs => return Err(RequestError::NotOurs),
                    UnknownQuery::Ignore => {}
                    UnknownQuery::Refuse => {
                        violations.push((name, "is no query parameter of this method".to_owned()));
                    }
                }
                continue;
            };
            if self.covers(&path) {
                if options.refuse_collisions {
                    violations.push((name, "is given by path or body, not by the query".to_owned()));
                }
                continue;
            }
            let count = counts.entry(codec.path_name(&path)).or_default();
            *count += 1;
            let written = match codec.leaf_class(&path) {
                LeafClass::Repeated if *count > MAX_VALUES => {
                    Err(JsonError::new(format!("has more than {MAX_VALUES} values")).in_field(&name))
                }
                LeafClass::Scalar | LeafClass::Text if *count > 1 && options.refuse_collisions => {
                    Err(JsonError::new("is given twice").in_field(&name))
                }
                LeafClass::None => {
                    Err(JsonError::new("cannot be a query parameter; name one of its fields").in_field(&name))
                }
                _ => codec.bind(&path, &value, &options.parse, out),
            };
            violations.extend(written.err().map(violation));
        }
        Ok(())
    }

    /// Whether path or body set this field, so that the query may not.
    fn covers(&self, path: &FieldPath) -> bool {
        self.body == BodyUse::Whole
            || self.body_path.as_ref().is_some_and(|body| path.starts_with(body))
            || self.variables.iter().any(|(variable, _)| path.starts_with(variable))
    }

    /// Writes the message. No body is an empty object; one that the rule does not have is not read.
    ///
    /// # Errors
    /// If the body is no JSON of its message, or in conflict with the path.
    pub fn message(
        &self,
        codec: &JsonCodec,
        bound: &Bound,
        body: &[u8],
        options: &BindingOptions,
    ) -> Result<Vec<u8>, RequestError> {
        let mut message = Vec::with_capacity(body.len() + bound.query.len() + bound.path.len());
        match &self.body {
            BodyUse::None if !body.is_empty() && options.refuse_collisions => {
                return Err(RequestError::invalid("", "this method takes no request body"));
            }
            BodyUse::None => {}
            BodyUse::Whole if body.is_empty() => {}
            BodyUse::Field(field) if body.is_empty() => {
                if codec.field_message(self.input, field).is_some()
                    && let Some(number) = codec.field_number(self.input, field)
                {
                    put_bytes_field(number, &[], &mut message);
                }
            }
            BodyUse::Whole => codec.parse(self.input, body, &options.parse, &mut message)?,
            BodyUse::Field(field) => {
                codec.parse_field(self.input, field, body, &options.parse, &mut message)?;
            }
        }
        self.finish(codec, bound, options, message)
    }

    /// Writes a message whose body is a `google.api.HttpBody` ([`Self::http_body`]).
    ///
    /// # Errors
    /// If the path sets a field of the body to something else.
    pub fn message_of_bytes(
        &self,
        codec: &JsonCodec,
        bound: &Bound,
        content_type: &str,
        data: &[u8],
        options: &BindingOptions,
    ) -> Result<Vec<u8>, RequestError> {
        let mut message = Vec::with_capacity(data.len() + 64);
        put_bytes_field(1, content_type.as_bytes(), &mut message);
        put_bytes_field(2, data, &mut message);
        if let BodyUse::Field(field) = &self.body
            && let Some(number) = codec.field_number(self.input, field)
        {
            let content = std::mem::take(&mut message);
            put_bytes_field(number, &content, &mut message);
        }
        self.finish(codec, bound, options, message)
    }

    /// Query and path go behind the body, so that they override it; the path last.
    fn finish(
        &self,
        codec: &JsonCodec,
        bound: &Bound,
        options: &BindingOptions,
        mut message: Vec<u8>,
    ) -> Result<Vec<u8>, RequestError> {
        if options.refuse_collisions {
            for (path, _) in &self.variables {
                if codec.disagree(path, &message, &bound.path)? {
                    let problem = "differs from the value in the path; leave it out of the body";
                    return Err(RequestError::invalid(&codec.path_name(path), problem));
                }
            }
        }
        message.extend_from_slice(&bound.query);
        message.extend_from_slice(&bound.path);
        Ok(message)
    }
}

fn violation(error: JsonError) -> (String, String) {
    (error.path().to_owned(), error.problem().to_owned())
}

fn no_field(what: &str, field: &str, message: &str) -> RuleError {
    RuleError(format!("{what} {field:?} is no field of {message}"))
}
