//! The bootstrap file: YAML text to checked types. Whatever this edge does not honor is an error with its place.

pub mod data_source;
pub mod header_change;
pub mod proto_json;
pub mod reader;
pub mod scalars;
pub mod schema;
pub mod string_matcher;
mod yaml;

use serde_json::Value;

use reader::{ConfigError, YamlPath};

/// Reads the text of a bootstrap file; returns it also as a value with snake_case names.
///
/// # Errors
/// With line and column if it is no YAML, else with the place of the mistake.
pub fn parse(text: &str) -> Result<(Value, schema::Bootstrap), ConfigError> {
    let root = YamlPath::root();
    let value = reader::normalize_keys(yaml::parse(text)?, &root)?;
    let bootstrap = reader::read(value.clone(), &root)?;
    Ok((value, bootstrap))
}
