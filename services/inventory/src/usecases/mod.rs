//! What happens in one transaction: load, decide, remember, tell.

pub mod adjust_stock;
pub mod create_location;
pub mod import_stock;
mod published;
pub mod reservations;
pub mod reserve;
