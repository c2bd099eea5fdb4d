//! What happens in one transaction: load, decide, remember, tell.

pub mod attributes;
pub mod categories;
pub mod change_product;
pub mod channels;
pub mod create_product;
pub mod import_products;
mod published;
mod rules;
