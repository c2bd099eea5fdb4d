//! Decisions about swatches.

pub mod sample;
