//! The contracts of shopmesh as Rust types, and what is derived from them.

#[allow(clippy::all, clippy::pedantic, missing_docs)]
mod contracts {
    include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
}

pub use contracts::{buf, google, shopmesh::*};

/// The serialized `FileDescriptorSet` of every contract, with options and source information.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));
