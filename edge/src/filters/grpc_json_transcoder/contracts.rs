//! The messages and services of a FileDescriptorSet.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use prost_reflect::DescriptorPool;
use shopmesh_json::JsonCodec;

use super::config::GrpcJsonTranscoder;
use crate::bootstrap::reader::{ConfigError, YamlPath, resolve};

/// A read set. Reading one takes milliseconds and megabytes, so transcoders of the same set, such as those of routes, share it.
pub struct Contracts {
    bytes: Vec<u8>,
    pub pool: DescriptorPool,
    pub codec: JsonCodec,
}

/// What was read last, as long as somebody uses it.
static LAST: Mutex<Weak<Contracts>> = Mutex::new(Weak::new());

impl Contracts {
    /// The set that a configuration names; without services none is needed.
    pub fn load(
        config: &GrpcJsonTranscoder,
        at: &YamlPath,
        base_dir: &Path,
    ) -> Result<Arc<Self>, ConfigError> {
        let (field, bytes) = match (&config.proto_descriptor, &config.proto_descriptor_bin) {
            _ if config.services.is_empty() => (at.clone(), Vec::new()),
            (None, None) => return Err(at.field("proto_descriptor").error("is required")),
            (Some(_), Some(_)) => {
                return Err(at.field("proto_descriptor_bin").error("proto_descriptor is given too"));
            }
            (Some(name), None) => {
                let (at, path) = (at.field("proto_descriptor"), resolve(base_dir, name));
                let bytes =
                    std::fs::read(&path).map_err(|error| at.error(format!("{}: {error}", path.display())))?;
                (at, bytes)
            }
            (None, Some(bytes)) => (at.field("proto_descriptor_bin"), bytes.0.clone()),
        };
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = last.upgrade().filter(|last| last.bytes == bytes) {
            return Ok(same);
        }
        let pool = DescriptorPool::decode(bytes.as_slice())
            .map_err(|error| field.error(format!("is no FileDescriptorSet: {error}")))?;
        let codec = JsonCodec::new(&pool).map_err(|error| at.error(error.to_string()))?;
        let read = Arc::new(Self { bytes, pool, codec });
        *last = Arc::downgrade(&read);
        Ok(read)
    }
}
