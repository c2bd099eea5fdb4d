//! Moving requests: accepting connections, keeping connections, and ending both without losing a call. The mesh and
//! the edge stand on it; it knows neither services nor policies.

mod admission;
pub mod changed_files;
pub mod connection;
mod cork;
pub mod descriptors;
mod drain;
pub mod endpoints;
mod greeting;
mod guard;
mod http;
pub mod jitter;
mod life;
pub mod limits;
pub mod listener;
mod passing;
mod peeked;
pub mod pool;
pub mod replay;
pub mod resolver;

pub use drain::{Drain, DrainTrigger};
pub use life::Patience;

/// An error of whatever kind.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// A body of whatever kind.
pub type BoxBody = http_body_util::combinators::UnsyncBoxBody<bytes::Bytes, BoxError>;
