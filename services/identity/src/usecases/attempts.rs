//! Tries of a password are counted: all before it is looked at, wrong ones after.

use std::time::Duration;

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result};

use crate::store::attempts::{self, Keys};

/// Counts one, and tells how long it has to wait; `None` when it is not to be looked at.
pub async fn admit(tx: &mut Tx, keys: &Keys, now: Timestamp) -> Result<Option<Duration>> {
    let mut guess = attempts::load(&mut *tx, keys).await?;
    let hold = guess.admit(now);
    if hold.is_some() {
        attempts::save_place(tx, keys, &guess).await?;
    }
    Ok(hold)
}

/// Counts one that was wrong.
pub async fn fail(tx: &mut Tx, keys: &Keys, now: Timestamp) -> Result<()> {
    let mut guess = attempts::load(&mut *tx, keys).await?;
    guess.fail(now);
    attempts::save_both(tx, keys, &guess).await?;
    Ok(())
}
