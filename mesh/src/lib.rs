//! How one process reaches another: mTLS between SPIFFE identities, with what the contracts say about each call.
//!
//! `net` moves bytes and requests, and the edge stands on it too: it is a crate of its own; `workload` says who is who; `server` and `client` are
//! the two ends of a call; `discovery` finds endpoints; `context` carries deadline and trace from one call into the next.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod client;
pub mod context;
pub mod discovery;
mod observed_body;
pub mod private;
pub mod server;
pub mod telemetry;
pub mod workload;

pub use shopmesh_net as net;
pub use shopmesh_proto::{ServiceName, UnknownService};

// What edges let through must fit a service (`shopmesh_proto::limits`).
const _: () = assert!(net::limits::MAX_HEADER_BYTES == shopmesh_proto::limits::SERVICE_HEADER_BYTES);
const _: () = assert!(net::limits::FIELD_OVERHEAD == shopmesh_proto::limits::FIELD_OVERHEAD);
