//! `core.v3.HeaderValueOption` and names of headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, de};

use super::scalars::{Base64Bytes, NonEmpty};

/// `core.v3.HeaderValueOption`: one header to put on a message. Values with `%COMMAND%` are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "HeaderChangeFields")]
pub struct HeaderChange {
    name: HeaderName,
    value: HeaderValue,
    action: AppendAction,
    keep_empty_value: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderChangeFields {
    header: KeyValue,
    #[serde(default)]
    append_action: AppendAction,
    /// Without it, a header without value is not added.
    #[serde(default)]
    keep_empty_value: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyValue {
    key: NonEmpty,
    #[serde(default)]
    value: String,
    /// A value that is no UTF-8. It is not searched for substitutions.
    #[serde(default)]
    raw_value: Base64Bytes,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum AppendAction {
    #[default]
    #[serde(alias = "0")]
    AppendIfExistsOrAdd,
    #[serde(alias = "1")]
    AddIfAbsent,
    #[serde(alias = "2")]
    OverwriteIfExistsOrAdd,
    #[serde(alias = "3")]
    OverwriteIfExists,
}

impl TryFrom<HeaderChangeFields> for HeaderChange {
    type Error = String;

    fn try_from(fields: HeaderChangeFields) -> Result<Self, String> {
        let KeyValue { key: NonEmpty(key), value, raw_value } = fields.header;
        if key.starts_with(':') || key.eq_ignore_ascii_case("host") {
            return Err(format!("header {key:?} cannot be changed here"));
        }
        if value.replace("%%", "").contains('%') {
            return Err(format!("substitutions are not supported by this edge: {value:?}"));
        }
        let name = key.parse().map_err(|_| format!("{key:?} is not a header name"))?;
        let bytes = match (value.is_empty(), raw_value.0) {
            (false, raw) if !raw.is_empty() => {
                return Err("value and raw_value exclude each other".to_owned());
            }
            (true, raw) => raw,
            (false, _) => value.replace("%%", "%").into_bytes(),
        };
        let value = HeaderValue::from_bytes(&bytes).map_err(|_| format!("{key:?}: not a header value"))?;
        let HeaderChangeFields { append_action: action, keep_empty_value, .. } = fields;
        Ok(Self { name, value, action, keep_empty_value })
    }
}

impl HeaderChange {
    /// Puts the header on `headers` as its `append_action` says.
    pub fn apply(&self, headers: &mut HeaderMap) {
        if self.value.is_empty() && !self.keep_empty_value {
            return;
        }
        let present = headers.contains_key(&self.name);
        match (self.action, present) {
            (AppendAction::AppendIfExistsOrAdd, _) => {
                headers.append(&self.name, self.value.clone());
            }
            (AppendAction::AddIfAbsent, false)
            | (AppendAction::OverwriteIfExistsOrAdd, _)
            | (AppendAction::OverwriteIfExists, true) => {
                headers.insert(&self.name, self.value.clone());
            }
            (AppendAction::AddIfAbsent, true) | (AppendAction::OverwriteIfExists, false) => {}
        }
    }
}

/// Reads a header name of the configuration.
pub fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HeaderName, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(|_| de::Error::custom(format!("{name:?} is not a header name")))
}

/// Reads a list of names of headers that are to be removed; without `host` no request could be answered.
pub fn removed_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<HeaderName>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let parse = |name: String| match name.parse::<HeaderName>() {
        Ok(name) if name == http::header::HOST => Err(de::Error::custom("host cannot be removed")),
        Ok(name) => Ok(name),
        Err(_) => Err(de::Error::custom(format!("{name:?} is not a header name"))),
    };
    names.into_iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn header_actions() {
        let apply = |action: &str, present: bool| {
            let change: HeaderChange =
                from_value(json!({"header": {"key": "x-a", "value": "new"}, "append_action": action}))
                    .unwrap();
            let mut headers = HeaderMap::new();
            if present {
                headers.insert("x-a", HeaderValue::from_static("old"));
            }
            change.apply(&mut headers);
            headers
                .get_all("x-a")
                .iter()
                .map(|v| v.to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
                .join(",")
        };
        assert_eq!(apply("APPEND_IF_EXISTS_OR_ADD", true), "old,new");
        assert_eq!(apply("ADD_IF_ABSENT", true), "old");
        assert_eq!(apply("OVERWRITE_IF_EXISTS_OR_ADD", true), "new");
        assert_eq!(apply("OVERWRITE_IF_EXISTS", false), "");
        let raw: HeaderChange = from_value(json!({"header": {"key": "x-a", "raw_value": "6Q=="}})).unwrap();
        assert_eq!(raw.value.as_bytes(), [0xe9]);
        let both = json!({"header": {"key": "x-a", "value": "e", "raw_value": "6Q=="}});
        assert!(from_value::<HeaderChange>(both).is_err());
        for keep in [false, true] {
            let empty = json!({"header": {"key": "x-a"}, "keep_empty_value": keep});
            let mut headers = HeaderMap::new();
            from_value::<HeaderChange>(empty).unwrap().apply(&mut headers);
            assert_eq!(headers.contains_key("x-a"), keep);
        }
        let substitution = json!({"header": {"key": "x-a", "value": "%REQ(x)%"}});
        assert!(from_value::<HeaderChange>(substitution).is_err());
    }
}
