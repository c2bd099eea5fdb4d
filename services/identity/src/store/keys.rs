//! The service's own secrets, sealed: seeds of signing keys, and the key of the address index.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, DbError, Tx, sql},
    error::Result,
    sealed::Sealer,
};
use zeroize::Zeroizing;

use crate::ids::SigningKeyId;

/// Under whose data key the service's own secrets are sealed.
const SELF: &str = "services/identity";

/// A key that signs access tokens.
pub struct StoredKey {
    /// Its id, as in the header of tokens.
    pub id: SigningKeyId,
    /// 32 bytes of Ed25519 (RFC 8032).
    pub seed: Zeroizing<Vec<u8>>,
    /// When it begins to sign.
    pub signs_from: Timestamp,
}

/// All keys, by the time from which they sign.
pub async fn all(db: &Db, sealer: &Sealer) -> Result<Vec<StoredKey>> {
    let rows =
        sql("SELECT id, sealed_seed, signs_from FROM signing_keys ORDER BY signs_from").all(db).await?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = SigningKeyId::stored(&row.text("id")?)?;
        let seed = sealer.open(db, SELF, &id.name(), &row.blob("sealed_seed")?).await?;
        keys.push(StoredKey {
            id,
            seed: Zeroizing::new(seed),
            signs_from: Timestamp(row.int("signs_from")?),
        });
    }
    Ok(keys)
}

/// The times from which the keys sign.
pub async fn schedule(tx: &mut Tx) -> Result<Vec<Timestamp>, DbError> {
    let rows = sql("SELECT signs_from FROM signing_keys ORDER BY signs_from").all(tx).await?;
    rows.iter().map(|row| row.int("signs_from").map(Timestamp)).collect()
}

/// Adds a key, unless another one signs from the same time.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, key: &StoredKey) -> Result<()> {
    let sealed = sealer.seal(&mut *tx, SELF, &key.id.name(), &key.seed).await?;
    sql("INSERT INTO signing_keys (id, sealed_seed, signs_from) VALUES ($1, $2, $3)
         ON CONFLICT (signs_from) DO NOTHING")
    .bind(&key.id)
    .bind(sealed)
    .bind(key.signs_from)
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes the key that signed from then.
pub async fn delete(tx: &mut Tx, signs_from: Timestamp) -> Result<(), DbError> {
    sql("DELETE FROM signing_keys WHERE signs_from = $1").bind(signs_from).execute(tx).await?;
    Ok(())
}

/// The secret `name`: `fresh` at first use.
pub async fn secret_or(tx: &mut Tx, sealer: &Sealer, name: &str, fresh: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let context = format!("secrets/{name}");
    let sealed = sealer.seal(&mut *tx, SELF, &context, fresh).await?;
    sql("INSERT INTO service_secrets (name, sealed_secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
    let row =
        sql("SELECT sealed_secret FROM service_secrets WHERE name = $1").bind(name).one(&mut *tx).await?;
    Ok(Zeroizing::new(sealer.open(tx, SELF, &context, &row.blob("sealed_secret")?).await?))
}
