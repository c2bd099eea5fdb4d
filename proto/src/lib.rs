//! The contracts of shopmesh as Rust types, their policies, their validators and the services that have them.

#![cfg_attr(test, allow(clippy::unwrap_used))]

#[allow(clippy::all, clippy::pedantic, missing_docs, dead_code)]
mod contracts {
    include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
}

// What the build does with contracts, for its tests.
#[cfg(test)]
#[path = "../build/policy.rs"]
mod build_policy;
#[cfg(test)]
#[path = "../build/services.rs"]
mod services;

pub mod codec;
pub mod limits;
pub mod policy;
pub mod ports;
mod service_name;
pub mod status;
pub mod validate;

pub use contracts::shopmesh::*;
pub use service_name::{ServiceName, UnknownService};

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;
use shopmesh_json::JsonCodec;

/// Google's messages that the contracts use.
pub mod google {
    pub use crate::contracts::google::r#type;
    pub use shopmesh_json::google::{api, rpc};
}

/// The serialized `FileDescriptorSet` of every contract, with options and source information.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));

/// The descriptors of every contract, decoded once.
pub fn descriptor_pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).expect("the build wrote these descriptors"));
    &POOL
}

/// The JSON of every message of the contracts.
pub fn json_codec() -> &'static JsonCodec {
    static CODEC: LazyLock<JsonCodec> =
        LazyLock::new(|| JsonCodec::new(descriptor_pool()).expect("a test compiles the contracts' tables"));
    &CODEC
}

mod masked_debug {
    include!(concat!(env!("OUT_DIR"), "/debug.rs"));
}
