//! ImportStock: sets on hand to counted values, each row once per count. Publishes nothing: a count is not news of
//! single units, and an import has hundreds of thousands.

use crate::{
    App,
    ids::HOUSE,
    store::{locations, stock},
};
use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
};
use shopmesh_proto::inventory::v1::{ImportStockRequest, ImportStockResponse, MovementReason, StockCount};
use tonic::{Request, Response, Status};

pub async fn import_stock(
    app: &App,
    request: Request<ImportStockRequest>,
) -> std::result::Result<Response<ImportStockResponse>, Status> {
    let request = request.into_inner();
    let variants: Vec<String> = request.counts.iter().map(|count| count.variant.clone()).collect();
    let counting = (request, app.clock.now());
    let reply = app.db.write(counting, |tx, (request, now)| Box::pin(import(tx, request, *now))).await?;
    app.changes.announce(variants);
    Ok(Response::new(reply))
}

async fn import(tx: &mut Tx, request: &ImportStockRequest, now: Timestamp) -> Result<ImportStockResponse> {
    let locations = locations::list(&mut *tx).await?;
    let mut reply = ImportStockResponse::default();
    for (index, count) in request.counts.iter().enumerate() {
        if !locations.iter().any(|location| location.name == count.location) {
            let field = format!("counts[{index}].location");
            return Err(Error::invalid(&field, "is not a location of this shop"));
        }
        if stock::claim_count(tx, &request.count_id, &count.variant, &count.location).await? {
            set(tx, &request.count_id, index, count, now).await?;
            reply.applied += 1;
        } else {
            reply.repeated_rows += 1;
        }
    }
    Ok(reply)
}

async fn set(tx: &mut Tx, count_id: &str, index: usize, count: &StockCount, now: Timestamp) -> Result<()> {
    let seller = if count.seller.is_empty() { HOUSE } else { &count.seller };
    let known = stock::get(&mut *tx, &count.variant, &count.location).await?;
    if known.as_ref().is_some_and(|known| known.seller != seller) {
        let field = format!("counts[{index}].seller");
        return Err(Error::invalid(&field, "does not own the units that lie there"));
    }
    let delta = count.on_hand - known.map_or(0, |known| known.on_hand);
    let movement = (i64::from(MovementReason::Counted as i32), count_id);
    let place = (count.variant.as_str(), count.location.as_str(), seller);
    stock::adjust(tx, place, delta, movement, now).await.map(|_| ())
}
