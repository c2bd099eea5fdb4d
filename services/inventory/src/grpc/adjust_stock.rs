//! AdjustStock: adds or takes units, as one movement.

use shopmesh_kit::{error::Result, events::Cause, idempotency::Key};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::inventory::v1 as pb;

use super::sellers;
use crate::{
    app::App,
    domain::movement::Movement,
    ids::MovementId,
    translate,
    usecases::adjust_stock::{self, Adjustment},
};

/// The row after it.
pub async fn answer(app: &App, call: &Call, request: pb::AdjustStockRequest) -> Result<pb::Stock> {
    let owner =
        sellers::of(app, call, &[&request.variant]).await?.remove(&request.variant).unwrap_or_default();
    call.authorize(&Resource { seller: Some(&owner), ..Resource::default() })?;
    let key = Key::of(call, &request.request_id, &request);
    let cause = Cause::of(call, &*app.clock);
    let movement = Movement {
        id: MovementId::generate(),
        reason: translate::rpc::reason(request.reason())?,
        variant: request.variant,
        location: request.location,
        delta: request.delta,
        reference: request.request_id,
        created: cause.at,
    };
    let adjustment = Adjustment { key, cause, owner, named: request.seller, movement };
    let done = app.db.write(adjustment, |tx, adjustment| Box::pin(adjust_stock::adjust(tx, adjustment)));
    let (reply, changed) = done.await?;
    app.feed.publish(changed);
    Ok(reply)
}
