//! `JwtCacheConfig`: the signature of a token that comes again is not checked again.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use lru::LruCache;

use super::{config::JwtCacheConfig, key_set::KeySet};

const DEFAULT_SIZE: NonZeroUsize = NonZeroUsize::new(100).unwrap();
const DEFAULT_LONGEST: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// Tokens that one set of keys has verified.
pub struct VerifiedTokens {
    max_token_bytes: usize,
    cache: Mutex<Cache>,
}

struct Cache {
    /// The keys they were verified with: other keys begin without any.
    keys: Option<Arc<KeySet>>,
    /// `exp` by token.
    expiries: LruCache<Box<str>, f64>,
}

impl VerifiedTokens {
    pub fn new(config: &JwtCacheConfig) -> Self {
        let set = |size: u32| usize::try_from(size).ok().and_then(NonZeroUsize::new);
        let size = set(config.jwt_cache_size).unwrap_or(DEFAULT_SIZE);
        let longest = set(config.jwt_max_token_size).unwrap_or(DEFAULT_LONGEST);
        let cache = Cache { keys: None, expiries: LruCache::new(size) };
        Self { max_token_bytes: longest.get(), cache: Mutex::new(cache) }
    }

    /// When a token that `keys` have verified expires, seconds since the epoch.
    pub fn expiry(&self, keys: &Arc<KeySet>, token: &str) -> Option<f64> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if !cache.keys.as_ref().is_some_and(|known| Arc::ptr_eq(known, keys)) {
            cache.expiries.clear();
            cache.keys = Some(keys.clone());
        }
        cache.expiries.get(token).copied()
    }

    /// Remembers a token that `keys` have verified.
    pub fn insert(&self, keys: &Arc<KeySet>, token: &str, expiry: f64) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if token.len() <= self.max_token_bytes
            && cache.keys.as_ref().is_some_and(|known| Arc::ptr_eq(known, keys))
        {
            cache.expiries.put(token.into(), expiry);
        }
    }
}
