//! What runs by itself.

pub mod housekeeping;
pub mod seed;
