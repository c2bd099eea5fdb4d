//! What follows from the contracts.

pub mod edge_yaml;
pub mod openapi;
