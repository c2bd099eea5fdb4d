//! Adds or takes units, as one movement.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
    idempotency::{self, Keep, Key},
};
use shopmesh_proto::inventory::v1 as pb;

use super::published;
use crate::{
    domain::{
        movement::Movement,
        stock::{Availability, Shift, StockLevel},
    },
    store::{locations, movements, stock},
    translate,
};

/// What is to be moved.
pub struct Adjustment {
    /// Of the request.
    pub key: Key,
    /// What it is done for.
    pub cause: Cause,
    /// Who sells the variant.
    pub owner: String,
    /// Whom the request names, if anybody.
    pub named: String,
    /// The change.
    pub movement: Movement,
}

/// The row after it, and what can be bought of its variant.
///
/// # Errors
/// FAILED_PRECONDITION for another seller's name, or for more units than there are; INVALID_ARGUMENT for an unknown location.
pub async fn adjust(tx: &mut Tx, adjustment: &Adjustment) -> Result<(pb::Stock, Vec<Availability>)> {
    let Adjustment { key, cause, owner, named, movement } = adjustment;
    if let Some(reply) = idempotency::saved_reply(tx, key).await? {
        return Ok((reply, Vec::new()));
    }
    if !named.is_empty() && named != owner {
        let problem = format!("its units belong to {owner}; name that seller");
        return Err(Error::precondition("STATE", &movement.variant, problem));
    }
    let before = stock::levels(&mut *tx, &[&movement.variant]).await?;
    let after = move_units(tx, &before, owner, movement).await?;
    movements::insert(tx, std::slice::from_ref(movement)).await?;
    published::stock_adjusted(tx, cause, movement, after.on_hand).await?;
    let changed = stock::availability(&mut *tx, &[&movement.variant]).await?;
    published::ran_out(tx, cause, &[Availability::of(&movement.variant, &before)], &changed).await?;
    let reply = translate::rpc::stock(&after);
    idempotency::save(tx, key, &reply, Keep::Standard, cause.at).await?;
    Ok((reply, changed))
}

/// Changes the row of the movement's location, or makes it.
async fn move_units(
    tx: &mut Tx,
    before: &[StockLevel],
    seller: &str,
    movement: &Movement,
) -> Result<StockLevel> {
    let Movement { variant, location, delta, .. } = movement;
    if let Some(level) = before.iter().find(|level| level.location == *location) {
        let after = level.moved(*delta)?;
        stock::shift(tx, variant, location, Shift::moved(*delta)).await?;
        return Ok(after);
    }
    if locations::get(&mut *tx, location).await?.is_none() {
        return Err(Error::invalid("location", "is not known; create it first"));
    }
    let after = StockLevel::empty(variant, location, seller).moved(*delta)?;
    stock::insert(tx, std::slice::from_ref(&after)).await?;
    Ok(after)
}
