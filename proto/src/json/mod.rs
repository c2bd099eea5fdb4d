//! The only JSON codec of the project: proto3 JSON (protobuf.dev, "ProtoJSON") to wire bytes and back, and REST
//! bindings by `google.api.http`. Used by the edge's transcoder and by whatever else speaks JSON.

pub mod http_rule;
mod status;

pub use status::status_to_json;

use prost::Message;
use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde::de::DeserializeSeed;

/// How messages are printed; all false as in Envoy's `PrintOptions`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PrintOptions {
    /// Indented.
    pub add_whitespace: bool,
    /// Zero scalars and empty lists too.
    pub always_print_primitive_fields: bool,
    /// Enums by number.
    pub always_print_enums_as_ints: bool,
    /// `page_token` instead of `pageToken`.
    pub preserve_proto_field_names: bool,
}

/// JSON that does not fit its message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct JsonError {
    /// Where, such as `lines[2].quantity`; `.` is the whole document.
    pub field: String,
    /// What is wrong with it, for people.
    pub problem: String,
}

/// Reads a message. Unknown fields are ignored and the last of equal keys counts, as in Envoy; trailing text and
/// anything deeper than serde_json's 128 levels are refused.
pub fn from_json(message: &MessageDescriptor, json: &[u8]) -> Result<DynamicMessage, JsonError> {
    let mut source = serde_json::Deserializer::from_slice(json);
    let mut track = serde_path_to_error::Track::new();
    let seed = Seed(message.clone());
    let read = seed.deserialize(serde_path_to_error::Deserializer::new(&mut source, &mut track));
    let read = read
        .map_err(|error| JsonError { field: track.path().to_string(), problem: without_position(&error) })?;
    source.end().map_err(|error| JsonError { field: ".".to_owned(), problem: without_position(&error) })?;
    Ok(read)
}

/// Prints a message that came over the wire.
pub fn to_json(
    message: &MessageDescriptor,
    wire: &[u8],
    options: PrintOptions,
) -> Result<Vec<u8>, JsonError> {
    let whole = |problem: String| JsonError { field: ".".to_owned(), problem };
    let decoded = DynamicMessage::decode(message.clone(), wire).map_err(|error| whole(error.to_string()))?;
    let print = SerializeOptions::new()
        .skip_default_fields(!options.always_print_primitive_fields)
        .use_enum_numbers(options.always_print_enums_as_ints)
        .use_proto_field_name(options.preserve_proto_field_names);
    let mut out = Vec::with_capacity(wire.len() * 3);
    let printed = if options.add_whitespace {
        decoded.serialize_with_options(&mut serde_json::Serializer::pretty(&mut out), &print)
    } else {
        decoded.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &print)
    };
    printed.map_err(|error| whole(error.to_string()))?;
    Ok(out)
}

/// The wire form of a message.
pub fn to_wire(message: &DynamicMessage) -> Vec<u8> {
    message.encode_to_vec()
}

struct Seed(MessageDescriptor);

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = DynamicMessage;

    fn deserialize<D: serde::Deserializer<'de>>(self, source: D) -> Result<DynamicMessage, D::Error> {
        DynamicMessage::deserialize_with_options(
            self.0,
            source,
            &DeserializeOptions::new().deny_unknown_fields(false),
        )
    }
}

/// serde_json appends line and column, which say nothing beside the field.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(problem, _)| problem.to_owned())
}

#[cfg(test)]
mod tests;
