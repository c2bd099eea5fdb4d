//! The `[sample]` table of the configuration.

use serde::Deserialize;

/// Nothing can be set, so that a mistaken key is told.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {}
