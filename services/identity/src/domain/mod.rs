//! What may change and why: pure, without I/O or clock.

pub mod address;
pub mod email;
pub mod guessing;
pub mod key_schedule;
pub mod limits;
pub mod password;
pub mod revocation;
pub mod roles;
pub mod session;
pub mod user;
