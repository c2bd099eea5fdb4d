//! Moving requests: accepting connections, keeping connections, and ending both without losing a call. The mesh and
//! the edge stand on it; it knows neither services nor policies.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod active_response;
mod admission;
pub mod backoff;
pub mod changed_files;
mod confirmation;
pub mod connection;
mod cork;
pub mod descriptors;
mod drain;
pub mod endpoints;
mod guard;
pub mod hex;
mod http;
mod http2;
pub mod jitter;
mod lifetime;
pub mod limits;
pub mod listener;
mod listener_limits;
mod never_indexed;
mod peekable;
pub mod pool;
mod remote;
mod request_body;
pub mod resolver;
pub mod retry_buffer;
pub mod trace;

pub use drain::{Drain, DrainTrigger};
pub use lifetime::ConnectionTimeouts;
pub use request_body::RequestBody;

/// An error of whatever kind.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// A body of whatever kind.
pub type BoxBody = http_body_util::combinators::UnsyncBoxBody<bytes::Bytes, BoxError>;
