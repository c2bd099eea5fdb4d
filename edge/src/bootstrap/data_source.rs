//! `core.v3.DataSource`: bytes given in a file or in the bootstrap itself.

use std::path::Path;

use serde::Deserialize;

use super::{
    reader::{ConfigError, YamlPath, resolve},
    scalars::{Base64Bytes, NonEmpty},
};

/// `core.v3.DataSource`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    pub filename: Option<NonEmpty>,
    pub inline_string: Option<String>,
    pub inline_bytes: Option<Base64Bytes>,
}

impl DataSource {
    /// The bytes named or given.
    ///
    /// # Errors
    /// If the file cannot be read, or not exactly one source is given.
    pub fn load(&self, base_dir: &Path, at: &YamlPath) -> Result<Vec<u8>, ConfigError> {
        match (&self.filename, &self.inline_string, &self.inline_bytes) {
            (Some(NonEmpty(name)), None, None) => std::fs::read(resolve(base_dir, name))
                .map_err(|e| at.field("filename").error(format!("cannot read {name:?}: {e}"))),
            (None, Some(text), None) => Ok(text.clone().into_bytes()),
            (None, None, Some(bytes)) => Ok(bytes.0.clone()),
            _ => Err(at.error("needs exactly one of filename, inline_string, inline_bytes")),
        }
    }
}
