//! What runs by itself.

pub mod index_products;
