//! What is heard from others, one file an event.

pub mod on_product_changed;
