//! The keys that sign access tokens, as this process knows them, and their rotation.

use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use jsonwebtoken::{DecodingKey, EncodingKey};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use shopmesh_kit::{
    clock::Timestamp,
    db::Db,
    error::{Error, Result},
    sealed::Sealer,
};
use shopmesh_mesh::server::KeySet;
use zeroize::Zeroizing;

use super::{access, refresh};
use crate::{
    domain::{key_schedule, session::Granted},
    ids::SigningKeyId,
    store::keys::{self, StoredKey},
    usecases::rotate_keys,
};

/// An Ed25519 private key in PKCS #8 (RFC 8410, 7) up to its seed.
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The keys of this deployment. The database is the truth; [`KeyRing::rotate`] follows it. Clones share them.
#[derive(Clone)]
pub struct KeyRing(Arc<ArcSwap<Keys>>);

#[derive(Default)]
struct Keys {
    signers: Vec<Signer>,
    verifiers: KeySet,
    jwks: Bytes,
}

struct Signer {
    id: SigningKeyId,
    signs_from: Timestamp,
    key: EncodingKey,
}

impl KeyRing {
    /// The keys in `db`; made at first use.
    ///
    /// # Errors
    /// Those of the database; INTERNAL when a key does not open.
    pub async fn open(db: &Db, sealer: &Sealer, now: Timestamp) -> Result<Self> {
        let ring = Self(Arc::default());
        ring.rotate(db, sealer, now).await?;
        Ok(ring)
    }

    /// Creates the next key, deletes former ones, and takes over what the database holds.
    ///
    /// # Errors
    /// As [`KeyRing::open`].
    pub async fn rotate(&self, db: &Db, sealer: &Sealer, now: Timestamp) -> Result<()> {
        // A plan creates two keys at most; seeds are drawn here since the job may run again.
        let seeds = [fresh_seed()?, fresh_seed()?];
        let job = (sealer.clone(), seeds, now);
        db.write(job, |tx, (sealer, seeds, now)| Box::pin(rotate_keys::rotate(tx, sealer, seeds, *now)))
            .await?;
        let stored = keys::all(db, sealer).await?;
        self.0.store(Keys::new(stored)?.into());
        Ok(())
    }

    /// Signs the access token of a session at its last use.
    ///
    /// # Errors
    /// INTERNAL when no key signs then.
    pub fn sign(&self, granted: &Granted) -> Result<String> {
        let now = granted.session.last_used;
        let keys = self.0.load();
        let current = key_schedule::current(keys.signers.iter().map(|signer| signer.signs_from), now);
        let signer = keys.signers.iter().find(|signer| Some(signer.signs_from) == current);
        let signer = signer.ok_or_else(|| Error::internal(anyhow::anyhow!("no key signs at {now}")))?;
        access::sign(&signer.key, &signer.id, granted)
    }

    /// The public keys as a JSON Web Key Set (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> Bytes {
        self.0.load().jwks.clone()
    }

    /// Applies `use_keys` to the public keys.
    pub fn with_verifiers<T>(&self, use_keys: impl FnOnce(&KeySet) -> T) -> T {
        use_keys(&self.0.load().verifiers)
    }
}

impl Keys {
    fn new(stored: Vec<StoredKey>) -> Result<Self> {
        let mut keys = Self::default();
        let mut set = Vec::with_capacity(stored.len());
        for StoredKey { id, seed, signs_from } in stored {
            let pair =
                Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| Error::internal(broken(&id)))?;
            let public = pair.public_key().as_ref();
            set.push(json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                "kid": id.as_str(), "x": URL_SAFE_NO_PAD.encode(public),
            }));
            keys.verifiers.insert(id.as_str().to_owned(), DecodingKey::from_ed_der(public));
            let pkcs8 = Zeroizing::new([PKCS8_PREFIX.as_slice(), &seed].concat());
            keys.signers.push(Signer { id, signs_from, key: EncodingKey::from_ed_der(&pkcs8) });
        }
        keys.jwks = json!({ "keys": set }).to_string().into();
        Ok(keys)
    }
}

fn broken(id: &SigningKeyId) -> anyhow::Error {
    anyhow::anyhow!("{id} is not an Ed25519 seed")
}

fn fresh_seed() -> Result<Zeroizing<Vec<u8>>> {
    refresh::random().map(|bytes| Zeroizing::new(bytes.to_vec()))
}
