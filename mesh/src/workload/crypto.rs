//! Cryptography.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};

/// The one crypto provider of the tree.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
