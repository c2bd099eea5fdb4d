//! `google.rpc.Status` as JSON: the form of every error at the REST border.

use super::{PrintOptions, to_json};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use tonic_types::pb::Status;

/// Prints a status. A detail of a type that is not known here is kept as base64 rather than lost.
pub fn status_to_json(status: &Status) -> Vec<u8> {
    let details: Vec<Value> = status.details.iter().map(detail).collect();
    json!({"code": status.code, "message": status.message, "details": details}).to_string().into_bytes()
}

fn detail(any: &prost_types::Any) -> Value {
    let mut fields = known(any).unwrap_or_else(|| {
        Map::from_iter([("value".to_owned(), Value::String(STANDARD.encode(&any.value)))])
    });
    fields.insert("@type".to_owned(), Value::String(any.type_url.clone()));
    Value::Object(fields)
}

fn known(any: &prost_types::Any) -> Option<Map<String, Value>> {
    let name = any.type_url.rsplit('/').next()?;
    let message = crate::descriptor_pool().get_message_by_name(name)?;
    let json = to_json(&message, &any.value, PrintOptions::default()).ok()?;
    match serde_json::from_slice(&json).ok()? {
        Value::Object(fields) => Some(fields),
        // A well-known type whose JSON is not an object stands under `value` (ProtoJSON, "Any").
        other => Some(Map::from_iter([("value".to_owned(), other)])),
    }
}
