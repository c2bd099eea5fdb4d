//! What this service tells others, and what it hears from them.

pub mod on_product_changed;
pub mod published;
