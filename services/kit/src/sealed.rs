//! Personal data at rest: AES-256-GCM under a data key per person, itself wrapped by the service's master key.
//!
//! Person and context are authenticated with the text, so that a moved ciphertext does not open. Deleting a person's
//! data key makes everything sealed for that person unreadable, wherever copies of it are.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::Arc,
};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

use crate::{
    db::{Db, Executor, Tx, tables::person_keys},
    error::Error,
    key_file::{self, KEY_LEN},
};

/// First byte of everything sealed; tells the algorithm.
const VERSION: u8 = 1;
/// Context of wrapped data keys; no caller's context has this form.
const WRAP_CONTEXT: &str = "\0data-key";

/// Seals and opens personal data of one service. Clones share the master key.
#[derive(Clone)]
pub struct Sealer {
    service: Arc<str>,
    master: Arc<LessSafeKey>,
}

/// Something that [`Sealer::seal`] made.
pub struct Sealed {
    /// Whose it is.
    pub person: String,
    /// Where it is kept.
    pub context: String,
    /// The sealed text.
    pub text: Vec<u8>,
}

impl Sealer {
    /// The sealer of `service`, whose database is `db`, with the master key in `dir`, made at first use. Losing that file
    /// loses everything sealed.
    ///
    /// # Errors
    /// Those of [`key_file::open`].
    pub async fn open_in(db: &Db, dir: &Path, service: impl AsRef<str>) -> anyhow::Result<Self> {
        let service = service.as_ref();
        let key = key_file::open(db, &dir.join(format!("{service}.master.key"))).await?;
        Ok(Self { service: Arc::from(service), master: Arc::new(aead_key(&key)?) })
    }

    /// Seals `plain` for `person` (a resource name); `context` says where it is kept, such as `orders/ord_1/address`, and must
    /// be given again to open it. Makes the person's data key at first use.
    ///
    /// # Errors
    /// Those of the database; INTERNAL when the person's key does not open.
    pub async fn seal(
        &self,
        tx: &mut Tx,
        person: &str,
        context: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let key = match self.data_key(&mut *tx, person).await? {
            Some(key) => key,
            None => self.create_data_key(tx, person).await?,
        };
        encrypt(&key, &self.aad(person, context), plain)
    }

    /// Opens what [`Sealer::seal`] made for the same person and context.
    ///
    /// # Errors
    /// NOT_FOUND when the person's key was deleted; INTERNAL when the text was changed or belongs elsewhere.
    pub async fn open(
        &self,
        on: impl Executor,
        person: &str,
        context: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let key = self.data_key(on, person).await?.ok_or_else(|| forgotten(person))?;
        decrypt(&key, &self.aad(person, context), sealed)
    }

    /// Opens what a page of a list holds, in its order, with one statement for all keys.
    ///
    /// # Errors
    /// The first of [`Sealer::open`].
    pub async fn open_all(&self, on: impl Executor, sealed: &[Sealed]) -> Result<Vec<Vec<u8>>, Error> {
        let keys = self.data_keys(on, sealed.iter().map(|sealed| sealed.person.as_str()).collect()).await?;
        let open = |Sealed { person, context, text }: &Sealed| {
            let key = keys.get(person).ok_or_else(|| forgotten(person))?;
            decrypt(key, &self.aad(person, context), text)
        };
        sealed.iter().map(open).collect()
    }

    /// Makes everything sealed for `person` unreadable for ever.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget(&self, tx: &mut Tx, person: &str) -> Result<(), Error> {
        Ok(person_keys::delete(tx, person).await?)
    }

    async fn data_key(&self, on: impl Executor, person: &str) -> Result<Option<LessSafeKey>, Error> {
        let wrapped = person_keys::get(on, person).await?;
        wrapped.map(|wrapped| self.unwrap_key(person, &wrapped)).transpose()
    }

    /// The keys of those of `persons` that have one.
    async fn data_keys(
        &self,
        on: impl Executor,
        persons: BTreeSet<&str>,
    ) -> Result<HashMap<String, LessSafeKey>, Error> {
        if persons.is_empty() {
            return Ok(HashMap::new());
        }
        let wrapped = person_keys::get_all(on, persons).await?;
        let key = |(person, wrapped): (String, Vec<u8>)| {
            let key = self.unwrap_key(&person, &wrapped)?;
            Ok((person, key))
        };
        wrapped.into_iter().map(key).collect()
    }

    fn unwrap_key(&self, person: &str, wrapped: &[u8]) -> Result<LessSafeKey, Error> {
        let bytes = decrypt(&self.master, &self.aad(person, WRAP_CONTEXT), wrapped)?;
        aead_key(&Zeroizing::new(bytes)).map_err(Error::internal)
    }

    async fn create_data_key(&self, tx: &mut Tx, person: &str) -> Result<LessSafeKey, Error> {
        let bytes = Zeroizing::new(random::<KEY_LEN>()?);
        let wrapped = encrypt(&self.master, &self.aad(person, WRAP_CONTEXT), bytes.as_slice())?;
        person_keys::insert(tx, person, wrapped).await?;
        aead_key(bytes.as_slice()).map_err(Error::internal)
    }

    /// What a ciphertext is bound to; lengths keep two bindings from reading alike.
    fn aad(&self, person: &str, context: &str) -> Vec<u8> {
        let mut aad = vec![VERSION];
        for part in [&*self.service, person, context] {
            aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
            aad.extend_from_slice(part.as_bytes());
        }
        aad
    }
}

fn forgotten(person: &str) -> Error {
    Error::not_found(person).with_reason("PERSON_FORGOTTEN")
}

fn aead_key(bytes: &[u8]) -> anyhow::Result<LessSafeKey> {
    let key = UnboundKey::new(&AES_256_GCM, bytes)
        .map_err(|_| anyhow::anyhow!("a key must hold {KEY_LEN} bytes"))?;
    Ok(LessSafeKey::new(key))
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::internal(anyhow::anyhow!("the system gave no random bytes")))?;
    Ok(bytes)
}

/// `version | nonce | ciphertext | tag`.
fn encrypt(key: &LessSafeKey, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = random::<NONCE_LEN>()?;
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut text)
        .map_err(|_| Error::internal(anyhow::anyhow!("the text is too long to seal")))?;
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + text.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

fn decrypt(key: &LessSafeKey, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let broken =
        || Error::internal(anyhow::anyhow!("sealed data was changed, moved, or sealed by another key"));
    let (version, rest) = sealed.split_first().ok_or_else(broken)?;
    let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
    if *version != VERSION {
        return Err(broken());
    }
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
    let mut text = text.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(aad), &mut text).map_err(|_| broken())?;
    Ok(plain.to_vec())
}

#[cfg(test)]
mod tests;
