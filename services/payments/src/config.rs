//! The `[payments]` table of the configuration.

use std::time::Duration;

use serde::Deserialize;

/// What can be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long the provider may take to answer, milliseconds. Two answers must fit into the deadline of an RPC (10 s).
    provider_timeout_ms: u64,
    /// The sandbox provider.
    pub sandbox: SandboxConfig,
}

/// The `[payments.sandbox]` table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SandboxConfig {
    /// How often the provider answers `pending` about `tok_unknown` before it declines.
    pub unknown_lookups: u32,
}

impl Config {
    /// How long the provider may take to answer.
    pub fn provider_timeout(&self) -> Duration {
        Duration::from_millis(self.provider_timeout_ms)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self { provider_timeout_ms: 2_000, sandbox: SandboxConfig::default() }
    }
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self { unknown_lookups: 3 }
    }
}
