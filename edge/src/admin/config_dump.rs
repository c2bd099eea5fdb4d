//! The bootstrap as it was read, without anything secret.

use serde_json::Value;

/// Fields that may hold key material or other secrets; file names stay visible.
const SECRET: &[&str] = &["inline_string", "inline_bytes", "private_key_provider", "password"];

/// Replaces secrets by `[redacted]`.
pub fn redact(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(redact).collect(),
        Value::Object(members) => {
            let hide = |(key, value): (String, Value)| match SECRET.contains(&key.as_str()) {
                true => (key, Value::from("[redacted]")),
                false => (key, redact(value)),
            };
            Value::Object(members.into_iter().map(hide).collect())
        }
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn key_material_is_hidden() {
        let given = json!([{"private_key": {"inline_string": "-----BEGIN"}, "other": {"filename": "a.key"}}]);
        let wanted =
            json!([{"private_key": {"inline_string": "[redacted]"}, "other": {"filename": "a.key"}}]);
        assert_eq!(redact(given), wanted);
    }
}
