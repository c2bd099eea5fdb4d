//! Adds a swatch, or gives one of its name another color.

use shopmesh_kit::{db::Tx, error::Result};

use crate::{
    domain::sample::{Import, Sample, decide},
    store::samples,
};

/// Afterwards there is this swatch.
pub async fn import(tx: &mut Tx, sample: &Sample) -> Result<()> {
    let known = samples::get(&mut *tx, &sample.name).await?;
    match decide(known.as_ref(), sample) {
        Import::Add => samples::insert(tx, sample).await,
        Import::Recolor => samples::recolor(tx, sample).await,
        Import::Nothing => Ok(()),
    }
}
