//! Messages of the contracts, as JSON and as they stand on the wire.

use serde_json::Value;
use shopmesh_json::{JsonError, ParseOptions, PrintOptions};

/// A message of this type as it stands on the wire.
pub fn to_wire(kind: &str, message: &Value) -> Vec<u8> {
    let (text, mut wire) = (message.to_string(), Vec::new());
    let parsed =
        shopmesh_proto::json_codec().from_json(kind, text.as_bytes(), &ParseOptions::default(), &mut wire);
    parsed.unwrap_or_else(|error| panic!("{kind}: {error}: {message}"));
    wire
}

/// A message of this type as JSON, also fields that hold nothing; an error if it is none.
pub fn from_wire(kind: &str, message: &[u8]) -> Result<Value, JsonError> {
    let options = PrintOptions { always_print_primitive_fields: true, ..PrintOptions::default() };
    let mut text = Vec::new();
    shopmesh_proto::json_codec().to_json(kind, message, &options, &mut text)?;
    Ok(serde_json::from_slice(&text).unwrap())
}
