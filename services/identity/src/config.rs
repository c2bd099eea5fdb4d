//! The `[identity]` table of the configuration.

use serde::Deserialize;

/// What can be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Proxies of our own before the edge that append to `x-forwarded-for`: the edge's `xff_num_trusted_hops`.
    pub trusted_hops: usize,
}
