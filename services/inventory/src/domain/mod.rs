//! Decisions about stock. Pure.

pub mod allocation;
pub mod reservation;
