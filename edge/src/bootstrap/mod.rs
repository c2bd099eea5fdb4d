//! The bootstrap file: YAML text to checked types. Whatever this edge does not honour is an error with its place.

pub mod reader;
