//! Tokens of sessions: who signs them, what they say, who checks them.

mod access;
pub mod key_ring;
pub mod refresh;
pub mod verifier;
