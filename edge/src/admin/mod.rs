//! `admin`: a read-only view of the edge for its operator, on loopback. Names are Envoy's.

mod config_dump;
mod server;
mod state;
mod stats;

pub use config_dump::redact;
pub(crate) use state::Admin;
