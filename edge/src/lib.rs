//! The edge: serves an Envoy v3 static bootstrap. Folders are named as in the YAML; `filters/` holds one folder per HTTP filter.
//! It knows no service: what it learns about RPCs comes from the descriptor file that the YAML names.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bootstrap;
pub mod connection_manager;
pub mod filters;
pub mod routing;
