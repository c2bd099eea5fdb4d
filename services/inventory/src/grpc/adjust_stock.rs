//! AdjustStock: adds or takes units, as one movement.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
    idempotency::{self, Keep, Key},
};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::{sellers, translate};
use crate::{
    app::App,
    domain::{
        ids::MovementId,
        movement::Movement,
        stock::{Availability, Shift, StockLevel},
    },
    events::published,
    store::{locations, movements, stock},
};

/// A checked request.
struct Adjustment {
    key: Key,
    cause: Cause,
    /// Who sells the variant.
    owner: String,
    /// Whom the request names, if anybody.
    named: String,
    movement: Movement,
}

/// The row after it.
pub async fn answer(app: &App, request: Request<pb::AdjustStockRequest>) -> Result<pb::Stock> {
    let call = Call::of(&request)?.clone();
    let given = request.into_inner();
    let owner = sellers::of(app, &call, &[&given.variant]).await?.remove(&given.variant).unwrap_or_default();
    call.authorize(&Resource { seller: Some(&owner), ..Resource::default() })?;
    let key = Key::new(call.principal_key(), &call.policy.path, &given.request_id, &given);
    let cause = Cause::of(&call, &*app.clock);
    let movement = Movement {
        id: MovementId::generate(),
        reason: translate::reason(given.reason())?,
        variant: given.variant,
        location: given.location,
        delta: given.delta,
        reference: given.request_id,
        created: cause.at,
    };
    let adjustment = Adjustment { key, cause, owner, named: given.seller, movement };
    let done = app.db.write(adjustment, |tx, adjustment| Box::pin(adjust(tx, adjustment)));
    let (reply, changed) = done.await?;
    app.feed.publish(changed);
    Ok(reply)
}

async fn adjust(tx: &mut Tx, adjustment: &Adjustment) -> Result<(pb::Stock, Vec<Availability>)> {
    let Adjustment { key, cause, owner, named, movement } = adjustment;
    if let Some(reply) = idempotency::replay(tx, key).await? {
        return Ok((reply, Vec::new()));
    }
    if !named.is_empty() && named != owner {
        let problem = format!("its units belong to {owner}; name that seller");
        return Err(Error::precondition("STATE", &movement.variant, problem));
    }
    let before = stock::levels(&mut *tx, &[&movement.variant]).await?;
    let after = move_units(tx, &before, owner, movement).await?;
    movements::insert(tx, std::slice::from_ref(movement)).await?;
    let Movement { variant, location, delta, .. } = movement;
    published::stock_adjusted(tx, cause, variant, location, *delta, after.on_hand).await?;
    let changed = stock::availability(&mut *tx, &[variant]).await?;
    published::ran_out(tx, cause, &[Availability::of(variant, &before)], &changed).await?;
    let reply = translate::stock(&after);
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
