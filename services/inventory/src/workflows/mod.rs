//! What happens by itself.

pub mod expire_holds;
