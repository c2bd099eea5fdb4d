//! Keys that sign access tokens come and go by their schedule.

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result, sealed::Sealer};
use zeroize::Zeroizing;

use crate::{
    domain::key_schedule,
    ids::SigningKeyId,
    store::keys::{self, StoredKey},
};

/// Adds the keys that are due, of `seeds`, and deletes former ones.
pub async fn rotate(
    tx: &mut Tx,
    sealer: &Sealer,
    seeds: &[Zeroizing<Vec<u8>>],
    now: Timestamp,
) -> Result<()> {
    let plan = key_schedule::plan(&keys::schedule(&mut *tx).await?, now);
    for (signs_from, seed) in plan.create.into_iter().zip(seeds) {
        let key = StoredKey { id: SigningKeyId::generate(), seed: seed.clone(), signs_from };
        keys::insert(&mut *tx, sealer, &key).await?;
    }
    for signs_from in plan.delete {
        keys::delete(&mut *tx, signs_from).await?;
    }
    Ok(())
}
