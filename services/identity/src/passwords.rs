//! Argon2id on as many threads as there are cores, behind a short queue: passwords cannot use up the machine.

use std::{sync::Arc, thread, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use shopmesh_kit::error::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::password::Password;

/// OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Callers per core, waiting ones included: one or two seconds of work.
const CALLERS_PER_CORE: usize = 32;
/// What a caller is told for whom there is no room.
pub const BUSY: &str = "too many people sign in at once; try again";
/// When a refused caller may try again.
const RETRY: Duration = Duration::from_secs(2);

/// Hashes and verifies passwords.
pub struct PasswordPool {
    argon2: Argon2<'static>,
    places: Arc<Semaphore>,
    cores: Arc<Semaphore>,
    /// Verified against when there is no account, so that the answer takes as long.
    dummy: Arc<str>,
}

/// A place in the queue. Taken before anything else happens, so that a full queue has no effect.
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

impl PasswordPool {
    /// A pool as wide as this machine.
    ///
    /// # Errors
    /// INTERNAL when the machine gives no random bytes.
    pub fn for_this_machine() -> Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores, cores * CALLERS_PER_CORE)
    }

    fn new(cores: usize, places: usize) -> Result<Self> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash(&argon2, b"of no account").map_err(internal)?;
        Ok(Self {
            argon2,
            places: Arc::new(Semaphore::new(places)),
            cores: Arc::new(Semaphore::new(cores)),
            dummy: dummy.into(),
        })
    }

    /// A place in the queue.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED when the queue is full.
    pub fn take_place(&self) -> Result<Place> {
        let place = self.places.clone().try_acquire_owned();
        place.map(|_permit| Place { _permit }).map_err(|_| Error::exhausted(BUSY, RETRY))
    }

    /// The PHC string of a password, with a salt of its own.
    ///
    /// # Errors
    /// INTERNAL when the machine gives no random bytes.
    pub async fn hash(&self, place: Place, password: Password) -> Result<String> {
        let argon2 = self.argon2.clone();
        self.run(place, move || hash(&argon2, password.as_bytes())).await?.map_err(internal)
    }

    /// Whether `password` is that of `hash`. Without a hash it is not, and takes as long to find out.
    ///
    /// # Errors
    /// INTERNAL when `hash` is no PHC string.
    pub async fn verify(&self, place: Place, password: Password, hash: Option<String>) -> Result<bool> {
        let argon2 = self.argon2.clone();
        let known = hash.is_some();
        let hash: Arc<str> = hash.map_or_else(|| self.dummy.clone(), Arc::from);
        let verified = move || {
            let hash = PasswordHash::new(&hash).map_err(internal)?;
            for candidate in password.candidates() {
                match argon2.verify_password(candidate, &hash) {
                    Ok(()) => return Ok(true),
                    Err(password_hash::Error::PasswordInvalid) => {}
                    Err(error) => return Err(internal(error)),
                }
            }
            Ok(false)
        };
        Ok(self.run(place, verified).await?? && known)
    }

    /// Runs `work` on a free core. The permits move along: a caller that goes away does not make room for more work
    /// than there are cores.
    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let core = self.cores.clone().acquire_owned().await.map_err(Error::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, core);
            work()
        });
        done.await.map_err(Error::internal)
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String, password_hash::Error> {
    Ok(argon2.hash_password(password)?.to_string())
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::internal(anyhow::anyhow!("argon2: {error}"))
}

#[cfg(test)]
mod tests {
    use shopmesh_kit::error::ErrorKind;

    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_is_right() {
        let pool = PasswordPool::new(2, 8).unwrap();
        let place = || pool.take_place().unwrap();
        let hash = pool.hash(place(), Password::attempt("crème brûlée")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let again = pool.hash(place(), Password::attempt("crème brûlée")).await.unwrap();
        assert_ne!(hash, again, "salts differ");
        let decomposed = Password::attempt("cre\u{300}me bru\u{302}le\u{301}e");
        assert!(pool.verify(place(), decomposed, Some(hash.clone())).await.unwrap());
        assert!(!pool.verify(place(), Password::attempt("creme brulee"), Some(hash.clone())).await.unwrap());
        // A hash of the time before spaces were mapped, and one of after.
        let old = super::hash(&pool.argon2, "crème\u{3000}brûlée".as_bytes()).unwrap();
        assert!(
            pool.verify(place(), Password::attempt("crème\u{3000}brûlée"), Some(old.clone())).await.unwrap()
        );
        assert!(!pool.verify(place(), Password::attempt("crème brûlée"), Some(old)).await.unwrap());
        assert!(
            pool.verify(place(), Password::attempt("crème\u{A0}brûlée"), Some(hash.clone())).await.unwrap()
        );
        // Not cut at 72 bytes, nor at NUL.
        let long = "x".repeat(100);
        let long_hash = pool.hash(place(), Password::attempt(&format!("{long}\0a"))).await.unwrap();
        assert!(
            !pool.verify(place(), Password::attempt(&format!("{long}\0b")), Some(long_hash)).await.unwrap()
        );
        assert!(!pool.verify(place(), Password::attempt("anything"), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_full_queue_refuses_until_a_place_is_free() {
        let pool = PasswordPool::new(1, 2).unwrap();
        let places = (pool.take_place().unwrap(), pool.take_place().unwrap());
        assert_eq!(pool.take_place().err().unwrap().kind(), ErrorKind::ResourceExhausted);
        assert!(!pool.verify(places.0, Password::attempt("x"), None).await.unwrap());
        assert!(pool.take_place().is_ok());
    }
}
