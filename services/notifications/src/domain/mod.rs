//! What is said to whom and what becomes of it: pure, without I/O or clock.

pub mod delivery;
pub mod fact;
pub mod notice;
pub mod template;
