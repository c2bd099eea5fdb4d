//! The contracts of shopmesh as Rust types, and what is derived from them.

#![cfg_attr(test, allow(clippy::unwrap_used))]

#[allow(clippy::all, clippy::pedantic, missing_docs, dead_code)]
mod contracts {
    include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
}

pub mod codec;
pub mod derive;
pub mod json;
pub mod limits;
pub mod policy;
pub mod status;
pub mod validate;

pub use contracts::{google, shopmesh::*};
use prost_reflect::DescriptorPool;
use std::sync::LazyLock;

/// The serialized `FileDescriptorSet` of every contract, with options and source information.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));

/// The descriptors of every contract, decoded once.
pub fn descriptor_pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).expect("the build wrote these descriptors"));
    &POOL
}

mod masked_debug {
    include!(concat!(env!("OUT_DIR"), "/debug.rs"));
}
