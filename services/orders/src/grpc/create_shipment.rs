//! CreateShipment: ships a whole order.

use shopmesh_kit::{error::Result, events::Cause, idempotency::Key};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;

use super::wait;
use crate::{
    app::App,
    ids::OrderId,
    usecases::{
        operations::Asked,
        ship_order::{self, Shipping},
    },
};

/// The shipped order, or the order as it stands near the deadline; the work goes on.
pub async fn answer(app: &App, call: &Call, request: pb::CreateShipmentRequest) -> Result<pb::Order> {
    let order = OrderId::parse_field("order", &request.order)?;
    let key = Key::of(call, &request.request_id, &request);
    let asked = Asked { key, order, cause: Cause::of(call, &*app.clock) };
    let shipping = Shipping { asked, tracking: request.tracking };
    let id = app.db.write(shipping, |tx, job| Box::pin(ship_order::start(tx, job))).await?;
    wait::for_operation(app, call, &app.shipments, &id).await
}
