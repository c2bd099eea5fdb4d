//! Reads a part of the bootstrap into a serde struct and names the exact place of a mistake.
//!
//! Structs use Envoy's snake_case names and `#[serde(deny_unknown_fields)]`. Envoy reads proto JSON, so camelCase keys are equally
//! valid: [`normalize_keys`] turns them into snake_case once, before any struct is read. What values look like, [`ProtoJson`] decides.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::proto_json::ProtoJson;

/// The place of a value in the bootstrap, such as `static_resources.listeners[0].name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YamlPath(String);

impl YamlPath {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// A member of the object at this place. Names with a dot are quoted: `typed_per_filter_config["envoy.filters.http.cors"]`.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        if name.contains('.') {
            return Self(format!("{}[{name:?}]", self.0));
        }
        let dot = if self.0.is_empty() { "" } else { "." };
        Self(format!("{}{dot}{name}", self.0))
    }

    /// An element of the list at this place.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// A mistake at this place.
    pub fn error(&self, problem: impl Into<String>) -> ConfigError {
        ConfigError { at: self.clone(), problem: problem.into() }
    }
}

impl fmt::Display for YamlPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "bootstrap" } else { &self.0 })
    }
}

/// A bootstrap that cannot be served as written. The edge does not start with one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct ConfigError {
    /// Where in the YAML.
    pub at: YamlPath,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// Reads `value`, found at `at`, as a `T`.
///
/// # Errors
/// Names the innermost field that is unknown, of the wrong type or missing.
pub fn read<T: DeserializeOwned>(value: Value, at: &YamlPath) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(ProtoJson(value)).map_err(|error| {
        use serde_path_to_error::Segment;
        let place = error.path().iter().fold(at.clone(), |at, segment| match segment {
            Segment::Seq { index } => at.index(*index),
            Segment::Map { key } => at.field(key),
            Segment::Enum { variant } => at.field(variant),
            Segment::Unknown => at,
        });
        place.error(explain(&error.into_inner().to_string()))
    })
}

/// serde's text for an unknown field, in the words of someone who wrote a valid Envoy file.
fn explain(problem: &str) -> String {
    match problem.strip_prefix("unknown field ") {
        Some(rest) => format!("field not supported by this edge: {rest}"),
        None => problem.to_owned(),
    }
}

/// A protobuf `Any` in its JSON form: `"@type"` beside the message's own fields.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedConfig {
    /// Message name without the `type.googleapis.com/` prefix; empty where the YAML left it out.
    pub type_name: String,
    /// The message's fields.
    pub fields: Value,
}

impl TypedConfig {
    /// Splits `@type` from the fields.
    ///
    /// # Errors
    /// If the value is no object, `@type` is no text, is no URL, or names Envoy's removed v2 API.
    pub fn split(value: Value, at: &YamlPath) -> Result<Self, ConfigError> {
        let mut fields = match value {
            Value::Null => Map::new(),
            Value::Object(fields) => fields,
            _ => return Err(at.error("must be an object with an \"@type\"")),
        };
        let type_name = match fields.remove("@type") {
            None => String::new(),
            Some(Value::String(url)) => match url.rsplit_once('/') {
                Some((host, name)) if !host.is_empty() => name.to_owned(),
                _ => {
                    return Err(at
                        .field("@type")
                        .error(format!("must be a URL such as type.googleapis.com/{url}")));
                }
            },
            Some(_) => return Err(at.field("@type").error("must be text")),
        };
        if type_name.contains(".v2.") || type_name.contains(".v2alpha.") {
            return Err(at
                .field("@type")
                .error(format!("{type_name} is of Envoy's removed v2 API; use its v3 successor")));
        }
        Ok(Self { type_name, fields: Value::Object(fields) })
    }
}

/// Resolves a file name of the bootstrap: relative ones are relative to `base_dir`.
pub fn resolve(base_dir: &Path, name: &str) -> PathBuf {
    base_dir.join(name)
}

/// Objects whose keys are names chosen by the author, not fields.
const NAMED_ENTRIES: &[&str] = &[
    "typed_per_filter_config",
    "typed_extension_protocol_options",
    "providers",
    "requirement_map",
    "filter_metadata",
    "typed_filter_metadata",
];

/// Turns camelCase field names into snake_case, leaving names chosen by the author alone.
///
/// # Errors
/// If a field is given in both spellings.
pub fn normalize_keys(value: Value, at: &YamlPath) -> Result<Value, ConfigError> {
    match value {
        Value::Array(items) => {
            let items = items.into_iter().enumerate().map(|(i, item)| normalize_keys(item, &at.index(i)));
            Ok(Value::Array(items.collect::<Result<_, _>>()?))
        }
        Value::Object(members) => {
            let mut out = Map::with_capacity(members.len());
            for (key, member) in members {
                let key = snake_case(&key);
                let place = at.field(&key);
                let member = match member {
                    Value::Object(entries) if NAMED_ENTRIES.contains(&key.as_str()) => {
                        normalize_entries(entries, &place)?
                    }
                    member => normalize_keys(member, &place)?,
                };
                if out.insert(key, member).is_some() {
                    return Err(place.error("given twice, as snake_case and as camelCase"));
                }
            }
            Ok(Value::Object(out))
        }
        scalar => Ok(scalar),
    }
}

fn normalize_entries(entries: Map<String, Value>, at: &YamlPath) -> Result<Value, ConfigError> {
    let entries = entries.into_iter().map(|(name, entry)| {
        let entry = normalize_keys(entry, &at.field(&name))?;
        Ok((name, entry))
    });
    Ok(Value::Object(entries.collect::<Result<_, ConfigError>>()?))
}

/// A key with both capitals and underscores is no spelling of a field.
fn snake_case(key: &str) -> String {
    if key.contains('_') {
        return key.to_owned();
    }
    let mut out = String::with_capacity(key.len() + 4);
    for c in key.chars() {
        if c.is_ascii_uppercase() && !key.starts_with('@') {
            out.push('_');
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code)]
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        port: u16,
    }

    #[test]
    fn mistakes_are_named_by_their_place() {
        let at = YamlPath::root().field("static_resources");
        let error = read::<Outer>(json!({"list": [{"port": 1}, {"port": "x"}]}), &at).unwrap_err();
        assert_eq!(error.at.to_string(), "static_resources.list[1].port");
        let error = read::<Outer>(json!({"list": [{"port": 1, "color": 2}]}), &at).unwrap_err();
        assert_eq!(
            error.to_string(),
            "static_resources.list[0].color: field not supported by this edge: `color`, expected `port`"
        );
    }

    #[test]
    fn camel_case_is_read_but_chosen_names_are_kept() {
        let value = json!({"httpFilters": [{"typedPerFilterConfig": {"myFilter": {"maxAge": 1}}}]});
        let expected = json!({"http_filters": [{"typed_per_filter_config": {"myFilter": {"max_age": 1}}}]});
        assert_eq!(normalize_keys(value, &YamlPath::root()).unwrap(), expected);
        let neither = json!({"maxAge_seconds": 1, "max_Age": 2});
        assert_eq!(normalize_keys(neither.clone(), &YamlPath::root()).unwrap(), neither);
        let twice = json!({"maxAge": 1, "max_age": 2});
        assert!(normalize_keys(twice, &YamlPath::root()).unwrap_err().problem.contains("twice"));
    }

    #[test]
    fn any_is_split_into_type_and_fields() {
        let any = json!({"@type": "type.googleapis.com/envoy.x.v3.Y", "a": 1});
        let config = TypedConfig::split(any, &YamlPath::root()).unwrap();
        assert_eq!((config.type_name.as_str(), config.fields), ("envoy.x.v3.Y", json!({"a": 1})));
        let old = json!({"@type": "type.googleapis.com/envoy.config.filter.http.cors.v2.Cors"});
        assert!(TypedConfig::split(old, &YamlPath::root()).unwrap_err().problem.contains("v2"));
        for bare in ["envoy.x.v3.Y", "/envoy.x.v3.Y", ""] {
            let error = TypedConfig::split(json!({"@type": bare}), &YamlPath::root()).unwrap_err();
            assert!(error.problem.starts_with("must be a URL"), "{error}");
        }
    }
}
