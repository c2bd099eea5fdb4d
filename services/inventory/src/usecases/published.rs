//! Events into the outbox, in the transaction of what they tell.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};
use shopmesh_proto::inventory::v1 as pb;

use crate::domain::{reservation::Reservation, stock::Availability};

/// Units were added or taken at `location`, where `on_hand` are now.
pub async fn stock_adjusted(
    tx: &mut Tx,
    cause: &Cause,
    variant: &str,
    location: &str,
    delta: i64,
    on_hand: i64,
) -> Result<()> {
    let data =
        pb::StockAdjusted { variant: variant.to_owned(), location: location.to_owned(), delta, on_hand };
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
            let data = pb::StockRanOut { variant: after.variant.clone() };
            events::append(tx, cause, &after.variant, &data).await?;
        }
    }
    Ok(())
}

/// A hold ran out of time.
pub async fn reservation_expired(tx: &mut Tx, cause: &Cause, reservation: &Reservation) -> Result<()> {
    let data = pb::ReservationExpired { owner: reservation.owner.clone() };
    events::append(tx, cause, &reservation.owner, &data).await?;
    Ok(())
}
