//! The key that signs ledger transactions: who can write to the database but not read the key cannot alter the books
//! unnoticed.

use std::{path::Path, sync::Arc};

use ring::hmac::{HMAC_SHA256, Key, sign, verify};
use shopmesh_kit::{db::Db, key_file};

/// HMAC-SHA256 over ledger transactions. Clones share the key.
#[derive(Clone)]
pub struct LedgerKey(Arc<Key>);

impl LedgerKey {
    /// The key in `file`, with which the ledger in `db` is signed; made at first use.
    ///
    /// # Errors
    /// Those of [`key_file::open`].
    pub async fn open(db: &Db, file: &Path) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Key::new(HMAC_SHA256, &key_file::open(db, file).await?))))
    }

    /// Signs bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        sign(&self.0, bytes).as_ref().to_vec()
    }

    /// Whether a signature is of these bytes.
    pub fn verify(&self, bytes: &[u8], mac: &[u8]) -> bool {
        verify(&self.0, bytes, mac).is_ok()
    }
}
