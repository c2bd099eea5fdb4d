//! Contract to domain and back; nothing else does this.

pub mod claims;
pub mod events;
pub mod rpc;
