//! The key that signs ledger transactions: who can write to the database but not read the key cannot alter the books
//! unnoticed.

use anyhow::{Context, bail};
use ring::{
    hmac::{HMAC_SHA256, Key, sign, verify},
    rand::{SecureRandom, SystemRandom},
};
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

const KEY_LEN: usize = 32;

/// HMAC-SHA256 over ledger transactions. Clones share the key.
#[derive(Clone)]
pub struct LedgerKey(Arc<Key>);

impl LedgerKey {
    /// The key in `file`, made at first use, readable by its owner only.
    pub fn load_or_create(file: &Path) -> anyhow::Result<Self> {
        let shown = file.display();
        if !file.exists() {
            create(file).with_context(|| format!("cannot create the ledger key {shown}"))?;
        }
        let bytes = fs::read(file).with_context(|| format!("cannot read the ledger key {shown}"))?;
        if bytes.len() != KEY_LEN {
            bail!("{shown} is not a ledger key: it must hold {KEY_LEN} bytes");
        }
        Ok(Self(Arc::new(Key::new(HMAC_SHA256, &bytes))))
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

fn create(file: &Path) -> anyhow::Result<()> {
    let mut bytes = [0; KEY_LEN];
    SystemRandom::new().fill(&mut bytes).map_err(|_| anyhow::anyhow!("no randomness"))?;
    // Whole or not at all: half a key would lock the books.
    let draft = file.with_extension("new");
    let mut out = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    out.write_all(&bytes)?;
    out.sync_all()?;
    Ok(fs::rename(draft, file)?)
}
