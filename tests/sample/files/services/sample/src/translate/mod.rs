//! Contract to domain and back; nothing else does this.

pub mod rpc;
