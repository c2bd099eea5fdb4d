//! What this service tells others.

pub mod published;
