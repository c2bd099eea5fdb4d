//! The rules of the catalogue. Pure: no async, no I/O, no clock.

pub mod attribute;
pub mod category;
pub mod channel;
pub mod filter;
pub mod ids;
pub mod product;
pub mod rules;
pub mod slug;
