//! Google's own messages that errors and HTTP annotations are made of, as Rust types and as descriptors.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

#[allow(clippy::all, clippy::pedantic, missing_docs, dead_code)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/google.rs"));
}

pub use generated::google::{api, rpc};

/// Their descriptors, and those of `google.protobuf`.
pub fn descriptor_pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        let descriptors = include_bytes!(concat!(env!("OUT_DIR"), "/google.binpb"));
        DescriptorPool::decode(descriptors.as_slice()).expect("the build wrote these descriptors")
    });
    &POOL
}
