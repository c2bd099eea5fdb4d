//! What a process tells about itself: logs, metrics, traces, and a plain admin port for them.

mod admin;
mod logging;
mod metrics;

pub use admin::AdminServer;
pub use logging::{LogFormat, init_logging};
pub use metrics::{Metrics, Role};
pub use shopmesh_net::trace;
