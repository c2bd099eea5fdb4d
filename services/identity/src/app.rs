//! The parts of the running service.

use std::sync::Arc;

use ring::hmac;
use shopmesh_kit::{clock::Clock, db::Db, error::Result, sealed::Sealer};

use crate::{
    domain::email::Email,
    password_pool::PasswordPool,
    store::keys,
    tokens::{key_ring::KeyRing, refresh},
};

/// What every handler needs.
pub struct App {
    /// This service's database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Seals personal data.
    pub sealer: Sealer,
    /// Hashes and verifies passwords.
    pub passwords: PasswordPool,
    /// Signs access tokens.
    pub keys: KeyRing,
    email_index: hmac::Key,
}

impl App {
    /// Opens the keys in `db`, making them at first use.
    ///
    /// # Errors
    /// Those of the database; INTERNAL when a key does not open.
    pub async fn open(db: Db, sealer: Sealer, clock: Arc<dyn Clock>) -> Result<Self> {
        let fresh = (sealer.clone(), refresh::random()?);
        let secret = db
            .write(fresh, |tx, (sealer, fresh)| Box::pin(keys::secret_or(tx, sealer, "email-index", fresh)))
            .await?;
        let email_index = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let keys = KeyRing::open(&db, &sealer, clock.now()).await?;
        Ok(Self { passwords: PasswordPool::for_this_machine()?, db, clock, sealer, keys, email_index })
    }

    /// The keyed hash by which an address is found without being readable in the database.
    pub fn email_key(&self, email: &Email) -> Vec<u8> {
        hmac::sign(&self.email_index, email.as_str().as_bytes()).as_ref().to_vec()
    }
}
