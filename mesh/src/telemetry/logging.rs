//! Log lines: a message, then fields; a failure once, where it is handled; secrets never.

use std::{fmt, str::FromStr};

use tracing_subscriber::{EnvFilter, fmt as lines};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Pretty,
    /// One JSON object a line.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Pretty => "pretty",
            Self::Json => "json",
        })
    }
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            other => Err(format!("`{other}` is not a log format: use pretty or json")),
        }
    }
}

/// Starts logging to standard error. `filter` is such as `info` or `warn,shopmesh_orders=debug`; what is not
/// understood in it is left out. A second call changes nothing.
pub fn init_logging(format: LogFormat, filter: &str) {
    let builder = lines().with_env_filter(EnvFilter::new(filter)).with_writer(std::io::stderr);
    // Only a test starts logging twice.
    let _ = match format {
        LogFormat::Pretty => builder.compact().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
