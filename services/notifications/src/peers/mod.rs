//! Calls to other services.

pub mod identity;
