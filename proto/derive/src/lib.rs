//! What follows from the contracts.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod edge_yaml;
pub mod openapi;
