//! What runs by itself.

pub mod expire_holds;
