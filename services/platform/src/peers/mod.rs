//! Calls to other services.

pub mod status;
