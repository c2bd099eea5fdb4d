//! Contract to domain and back; nothing else does this, but for the events that are heard.

pub mod peers;
pub mod rpc;
