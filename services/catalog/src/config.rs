//! Settings of the catalogue: none. A table that sets something is refused rather than ignored.

use serde::Deserialize;

/// The `[catalog]` table of the configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogSettings {}
