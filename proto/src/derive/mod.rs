//! What follows from the contracts.

pub mod edge_yaml;
