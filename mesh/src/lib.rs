//! How one process reaches another: mTLS between SPIFFE identities, with what the contracts say about each call.
//!
//! `net` moves bytes and requests, and the edge stands on it too; `identity` says who is who; `server` and `client` are
//! the two ends of a call; `discovery` finds endpoints; `context` carries deadline and trace from one call into the next.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod client;
pub mod context;
pub mod discovery;
pub mod hex;
pub mod identity;
pub mod net;
pub mod private;
pub mod server;
mod service_name;
pub mod telemetry;
mod watched;

pub use service_name::{ServiceName, UnknownService};
