//! Bad input gets a clear error with the right code, and nothing happens.

mod states;
mod transport;
mod values;

use serde_json::Value;

/// The fields that an INVALID_ARGUMENT names.
fn fields(body: &Value) -> Vec<&str> {
    violations(body, "google.rpc.BadRequest", "fieldViolations", "field")
}

/// The only one of them.
fn field_of(body: &Value) -> &str {
    let fields = fields(body);
    assert_eq!(fields.len(), 1, "{body}");
    fields[0]
}

/// What a FAILED_PRECONDITION is about: STOCK, STATE, LIMIT, PRICE_CHANGED.
fn preconditions(body: &Value) -> Vec<&str> {
    violations(body, "google.rpc.PreconditionFailure", "violations", "type")
}

fn violations<'b>(body: &'b Value, detail: &str, list: &str, key: &str) -> Vec<&'b str> {
    let found = self::detail(body, detail)[list].as_array().unwrap();
    found.iter().map(|violation| violation[key].as_str().unwrap()).collect()
}

/// A detail of an error by its type.
fn detail<'b>(body: &'b Value, name: &str) -> &'b Value {
    let url = format!("type.googleapis.com/{name}");
    let details = body["details"].as_array().unwrap();
    details.iter().find(|detail| detail["@type"] == *url).unwrap_or_else(|| panic!("no {name} in {body}"))
}
