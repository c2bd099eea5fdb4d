//! What is over is forgotten.

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result};

use crate::{
    domain::{
        guessing,
        limits::{KNOWN_PLACE, REVOCATION_GRACE},
    },
    store::{attempts, revocations, sessions},
};

/// Forgets sessions, revocations and counters whose time is over.
pub async fn purge(tx: &mut Tx, now: Timestamp) -> Result<()> {
    sessions::purge(&mut *tx, now).await?;
    revocations::purge(&mut *tx, now - REVOCATION_GRACE).await?;
    attempts::purge(tx, now - guessing::MEMORY, now - KNOWN_PLACE).await?;
    Ok(())
}
