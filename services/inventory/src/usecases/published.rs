//! Events, in the transaction of what they tell.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};

use crate::{
    domain::{movement::Movement, stock::Availability},
    translate,
};

/// Units moved, and `on_hand` are there now.
pub async fn stock_adjusted(tx: &mut Tx, cause: &Cause, movement: &Movement, on_hand: i64) -> Result<()> {
    let Movement { variant, location, delta, .. } = movement;
    let data = translate::events::stock_adjusted(variant, location, *delta, on_hand);
    events::append(tx, cause, variant, &data).await?;
    Ok(())
}

/// Tells which variants had something to buy `before` and have nothing `after`. Both list the same variants.
pub async fn ran_out(
    tx: &mut Tx,
    cause: &Cause,
    before: &[Availability],
    after: &[Availability],
) -> Result<()> {
    for (before, after) in before.iter().zip(after) {
        if before.available > 0 && after.available == 0 {
            let data = translate::events::stock_ran_out(&after.variant);
            events::append(tx, cause, &after.variant, &data).await?;
        }
    }
    Ok(())
}
