//! The rules of the catalog: pure decisions, no database and no clock.

pub mod attribute;
pub mod audience;
pub mod category;
pub mod channel;
pub mod filter;
pub mod import;
pub mod product;
pub mod rules;
pub mod slug;
pub mod taxonomy;
