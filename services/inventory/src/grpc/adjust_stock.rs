//! AdjustStock: one movement, once per request id.

use super::translate;
use crate::{
    App,
    ids::HOUSE,
    store::{locations, stock},
};
use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::{self, Cause},
    idempotency::{self, Keep, Key},
};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::inventory::v1::{AdjustStockRequest, Stock, StockAdjusted};
use tonic::{Request, Response, Status};

struct Adjustment {
    key: Key,
    request: AdjustStockRequest,
    seller: String,
    cause: Cause,
}

pub async fn adjust_stock(
    app: &App,
    request: Request<AdjustStockRequest>,
) -> std::result::Result<Response<Stock>, Status> {
    let call = Call::of(&request)?.clone();
    let request = request.into_inner();
    // Whose units lie there decides, not what the request says; where none lie, the request does.
    let known = stock::get(&app.db, &request.variant, &request.location).await?.map(|row| row.seller);
    let asked = Some(request.seller.clone()).filter(|seller| !seller.is_empty());
    let seller = known.or_else(|| asked.clone()).unwrap_or_else(|| HOUSE.to_owned());
    call.authorize(&Resource { seller: Some(&seller), ..Resource::default() })?;
    if asked.is_some_and(|asked| asked != seller) {
        return Err(Error::invalid("seller", "does not own the units that lie there").into());
    }
    let key = Key::new(call.principal_key(), &call.policy.path, &request.request_id, &request);
    let variant = request.variant.clone();
    let adjustment = Adjustment { key, request, seller, cause: Cause::of(&call, app.clock.as_ref()) };
    let reply = app.db.write(adjustment, |tx, adjustment| Box::pin(adjust(tx, adjustment))).await?;
    app.changes.announce([variant]);
    Ok(Response::new(reply))
}

async fn adjust(tx: &mut Tx, adjustment: &Adjustment) -> Result<Stock> {
    if let Some(saved) = idempotency::replay(tx, &adjustment.key).await? {
        return Ok(saved);
    }
    let (request, cause) = (&adjustment.request, &adjustment.cause);
    if !locations::exists(tx, &request.location).await? {
        return Err(Error::invalid("location", "is not a location of this shop"));
    }
    let place = (request.variant.as_str(), request.location.as_str(), adjustment.seller.as_str());
    let movement = (i64::from(request.reason), request.request_id.as_str());
    let row = stock::adjust(tx, place, request.delta, movement, cause.at).await?;
    let event = StockAdjusted {
        variant: row.variant.clone(),
        location: row.location.clone(),
        delta: request.delta,
        on_hand: row.on_hand,
    };
    events::append(tx, cause, &row.variant, &event).await?;
    let reply = translate::stock(row);
    idempotency::save(tx, &adjustment.key, &reply, Keep::Standard, cause.at).await?;
    Ok(reply)
}
