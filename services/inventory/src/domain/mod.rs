//! What may happen to stock: pure decisions, no database and no clock.

pub mod allocation;
pub mod location;
pub mod movement;
pub mod reservation;
pub mod stock;
pub mod verification;
