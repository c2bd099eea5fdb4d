//! One message from the parts of a REST request. A field that the path names is never taken from anywhere else, and
//! one that the body covers is never taken from the query: what an authorization rule saw in the path is what runs.

use super::table::Route;
use crate::json::{JsonError, from_json};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

/// The parts of a request.
#[derive(Debug, Clone, Copy)]
pub struct Bindings<'a> {
    /// Variables of the path, decoded.
    pub path: &'a [(String, String)],
    /// The query, undecoded.
    pub query: &'a str,
    /// The body, JSON.
    pub body: &'a [u8],
}

/// A part that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct BindError {
    /// Field or query parameter.
    pub field: String,
    /// What is wrong with it, for people.
    pub problem: String,
}

impl From<JsonError> for BindError {
    fn from(error: JsonError) -> Self {
        Self { field: error.field, problem: error.problem }
    }
}

/// Builds the request message of a route.
pub fn bind(route: &Route, parts: Bindings<'_>) -> Result<DynamicMessage, BindError> {
    let input = route.method.input();
    let mut message = body_message(route, &input, parts.body)?;
    for (field, value) in parts.path {
        set_from_path(&mut message, field, value)?;
    }
    if !parts.query.is_empty() {
        bind_query(route, &mut message, parts)?;
    }
    Ok(message)
}

fn body_message(route: &Route, input: &MessageDescriptor, body: &[u8]) -> Result<DynamicMessage, BindError> {
    let mut message = DynamicMessage::new(input.clone());
    // A rule without a body has none, whatever was sent; an empty body is an empty object.
    if route.binding.body.is_empty() || body.iter().all(u8::is_ascii_whitespace) {
        return Ok(message);
    }
    if route.binding.body == "*" {
        return Ok(from_json(input, body)?);
    }
    let name = &route.binding.body;
    let field = input.get_field_by_name(name);
    let Some((field, Kind::Message(inner))) = field.map(|field| (field.clone(), field.kind())) else {
        return Err(BindError {
            field: name.clone(),
            problem: "the body must be a message field".to_owned(),
        });
    };
    let inner = from_json(&inner, body)
        .map_err(|error| BindError { field: format!("{name}.{}", error.field), problem: error.problem })?;
    message.set_field(&field, Value::Message(inner));
    Ok(message)
}

fn set_from_path(message: &mut DynamicMessage, path: &str, text: &str) -> Result<(), BindError> {
    let (target, field) = descend(message, path).ok_or_else(|| unknown(path))?;
    let value = scalar(&field, text).ok_or_else(|| malformed(path, &field))?;
    // Another value in the body would be a caller who means two resources at once.
    if target.has_field(&field) && *target.get_field(&field) != value {
        return Err(BindError { field: path.to_owned(), problem: "differs from the path".to_owned() });
    }
    target.set_field(&field, value);
    Ok(())
}

fn bind_query(route: &Route, message: &mut DynamicMessage, parts: Bindings<'_>) -> Result<(), BindError> {
    for (key, text) in form_urlencoded::parse(parts.query.as_bytes()).filter(|(key, _)| !key.is_empty()) {
        let path = proto_path(&route.method.input(), &key).ok_or_else(|| unknown(&key))?;
        let in_body =
            route.binding.body == "*" || path.split('.').next() == Some(route.binding.body.as_str());
        if in_body || parts.path.iter().any(|(field, _)| *field == path) {
            return Err(unknown(&key));
        }
        let (target, field) = descend(message, &path).ok_or_else(|| unknown(&key))?;
        if field.is_list() {
            let value = scalar(&field, &text).ok_or_else(|| malformed(&key, &field))?;
            if let Value::List(list) = target.get_field_mut(&field) {
                list.push(value);
            }
        } else {
            let value = scalar(&field, &text).ok_or_else(|| malformed(&key, &field))?;
            target.set_field(&field, value);
        }
    }
    Ok(())
}

/// A dotted path by proto names, from one by proto or JSON names.
fn proto_path(message: &MessageDescriptor, key: &str) -> Option<String> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let field = message.get_field_by_name(first).or_else(|| message.get_field_by_json_name(first))?;
    match (rest, field.kind()) {
        (None, _) => Some(field.name().to_owned()),
        (Some(rest), Kind::Message(inner)) if !field.is_list() && !field.is_map() => {
            Some(format!("{}.{}", field.name(), proto_path(&inner, rest)?))
        }
        _ => None,
    }
}

/// The message that holds the last field of a path, made on the way.
fn descend<'m>(
    message: &'m mut DynamicMessage,
    path: &str,
) -> Option<(&'m mut DynamicMessage, FieldDescriptor)> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let field = message.descriptor().get_field_by_name(first)?;
    let Some(rest) = rest else {
        return (!field.is_map()).then_some((message, field));
    };
    match message.get_field_mut(&field) {
        Value::Message(inner) => descend(inner, rest),
        _ => None,
    }
}

/// A value from text: scalars by their JSON form, and messages that are strings in JSON, such as timestamps.
fn scalar(field: &FieldDescriptor, text: &str) -> Option<Value> {
    let number = |text: &str| !text.is_empty() && !text.starts_with('+') && text.trim() == text;
    match field.kind() {
        Kind::String => Some(Value::String(text.to_owned())),
        Kind::Bool => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 if number(text) => text.parse().ok().map(Value::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 if number(text) => text.parse().ok().map(Value::I64),
        Kind::Uint32 | Kind::Fixed32 if number(text) => text.parse().ok().map(Value::U32),
        Kind::Uint64 | Kind::Fixed64 if number(text) => text.parse().ok().map(Value::U64),
        Kind::Double if number(text) => text.parse().ok().map(Value::F64),
        Kind::Float if number(text) => text.parse().ok().map(Value::F32),
        Kind::Enum(descriptor) => {
            let by_name = descriptor.get_value_by_name(text).map(|value| value.number());
            by_name.or_else(|| text.parse().ok()).map(Value::EnumNumber)
        }
        Kind::Message(message) => {
            let text = serde_json::Value::String(text.to_owned()).to_string();
            from_json(&message, text.as_bytes()).ok().map(Value::Message)
        }
        _ => None,
    }
}

fn unknown(key: &str) -> BindError {
    BindError { field: key.to_owned(), problem: "is not a parameter of this method".to_owned() }
}

fn malformed(key: &str, field: &FieldDescriptor) -> BindError {
    BindError { field: key.to_owned(), problem: format!("is not a value of type {:?}", field.kind()) }
}

#[cfg(test)]
mod tests;
