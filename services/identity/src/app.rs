//! What every handler needs.

use std::sync::Arc;

use ring::hmac;
use shopmesh_kit::{clock::Clock, db::Db, error::Result, sealed::Sealer};
use shopmesh_mesh::server::TokenVerifier;
use tokio::sync::Semaphore;

use crate::{
    config::Config,
    domain::{email::Email, limits::MAX_WAITING},
    passwords::PasswordPool,
    store::keys,
    tokens::{key_ring::KeyRing, refresh, verifier::OwnTokens},
};

/// The running service, for the process that serves it.
#[derive(Clone)]
pub struct IdentityHandle {
    pub(crate) app: Arc<App>,
}

impl IdentityHandle {
    /// Checks access tokens without asking over the mesh.
    pub fn token_verifier(&self) -> Arc<dyn TokenVerifier> {
        let App { keys, db, clock, .. } = &*self.app;
        Arc::new(OwnTokens { keys: keys.clone(), db: db.clone(), clock: clock.clone() })
    }
}

/// The parts of the running service.
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
    /// Places for callers that have to wait before their password is looked at.
    pub waiting: Semaphore,
    /// What can be set.
    pub config: Config,
    email_index: hmac::Key,
    successors: hmac::Key,
}

impl App {
    /// Opens the keys in `db`, making them at first use.
    ///
    /// # Errors
    /// Those of the database; INTERNAL when a key does not open.
    pub async fn open(db: Db, sealer: Sealer, clock: Arc<dyn Clock>, config: Config) -> Result<Self> {
        let email_index = secret(&db, &sealer, "email-index").await?;
        let successors = secret(&db, &sealer, "refresh-successors").await?;
        let keys = KeyRing::open(&db, &sealer, clock.now()).await?;
        let (passwords, waiting) = (PasswordPool::for_this_machine()?, Semaphore::new(MAX_WAITING));
        Ok(Self { passwords, waiting, db, clock, sealer, keys, config, email_index, successors })
    }

    /// The keyed hash by which an address is found without being readable in the database.
    pub fn email_key(&self, email: &Email) -> Vec<u8> {
        hmac::sign(&self.email_index, email.as_str().as_bytes()).as_ref().to_vec()
    }

    /// The keyed hash under which guesses are counted. No address holds the byte that leads each part.
    pub fn counter_key(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.email_index);
        for part in parts {
            context.update(&[0]);
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    /// The refresh token that follows `token`.
    pub fn successor(&self, token: &str) -> String {
        refresh::successor(&self.successors, token)
    }
}

/// A secret of this service's own, made at first use.
async fn secret(db: &Db, sealer: &Sealer, name: &'static str) -> Result<hmac::Key> {
    let fresh = (sealer.clone(), refresh::random()?);
    let secret = db
        .write(fresh, move |tx, (sealer, fresh)| Box::pin(keys::secret_or(tx, sealer, name, fresh)))
        .await?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &secret))
}
