//! CreateShipment: ships a whole order.

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result, idempotency::Key};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::operation;
use crate::{
    app::App,
    domain::operation::OperationKind,
    ids::{OperationId, OrderId, ShipmentId},
    workflows::{
        retry::Retry,
        ship_order::{ShipOrder, ShipOrderSaga, Step},
    },
};

struct Shipping {
    key: Key,
    order: OrderId,
    tracking: String,
    traceparent: String,
    now: Timestamp,
}

/// Answers the shipped order, or the order as it stands near the deadline; the work goes on.
pub async fn create_shipment(
    app: &App,
    request: Request<pb::CreateShipmentRequest>,
) -> Result<Response<pb::Order>, Status> {
    let call = Call::of(&request)?.clone();
    let request = request.into_inner();
    let order = OrderId::parse_field("order", &request.order)?;
    let key = Key::new(call.principal_key(), &call.policy.path, &request.request_id, &request);
    let traceparent = call.traceparent.clone();
    let shipping = Shipping { key, order, tracking: request.tracking, traceparent, now: app.clock.now() };
    let id = app.db.write(shipping, |tx, job| Box::pin(start(tx, job))).await?;
    operation::outcome(app, &call, &app.shipments, &id).await
}

async fn start(tx: &mut Tx, job: &Shipping) -> Result<OperationId> {
    if let Some(started) = operation::replay(tx, &job.key).await? {
        return Ok(started);
    }
    let kind = OperationKind::Ship;
    let same = |running: &ShipOrder| running.tracking == job.tracking;
    operation::join_or_start::<ShipOrderSaga>(
        tx,
        &job.key,
        &job.order,
        kind,
        job.now,
        same,
        |order, operation| {
            order.require_unshipped("ship")?;
            Ok(ShipOrder {
                operation,
                order: job.order.clone(),
                checkout: order.placed.checkout.clone(),
                shipment: ShipmentId::generate(),
                tracking: job.tracking.clone(),
                traceparent: job.traceparent.clone(),
                step: Step::Capture,
                retry: Retry::default(),
            })
        },
    )
    .await
}
