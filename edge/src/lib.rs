//! The edge: serves an Envoy v3 static bootstrap. Folders are named as in the YAML; `filters/` holds one folder per HTTP filter.
//! It knows no service: what it learns about RPCs comes from the descriptor file that the YAML names.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod admin;
pub mod bootstrap;
pub mod clusters;
pub mod connection_manager;
mod edge;
pub mod filters;
pub mod http;
pub mod routing;

pub use bootstrap::reader::{ConfigError, YamlPath};
pub use edge::{BindError, BoundEdge, Edge, LoadError};
