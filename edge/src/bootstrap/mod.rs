//! The bootstrap file: YAML text to checked types. Whatever this edge does not honour is an error with its place.

pub mod reader;
pub mod scalars;
pub mod schema;

use serde_json::Value;

use reader::{ConfigError, YamlPath};

/// Reads the text of a bootstrap file; returns it also as a value with snake_case names.
///
/// # Errors
/// With line and column if it is no YAML, else with the place of the mistake.
pub fn parse(text: &str) -> Result<(Value, schema::Bootstrap), ConfigError> {
    let root = YamlPath::root();
    let value: Value = serde_yaml::from_str(text).map_err(|e| root.error(format!("not YAML: {e}")))?;
    let value = reader::normalize_keys(value, &root)?;
    let bootstrap = reader::read(value.clone(), &root)?;
    Ok((value, bootstrap))
}
