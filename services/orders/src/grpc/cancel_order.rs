//! CancelOrder: only what was not shipped.

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result, idempotency::Key};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::{get_order::authorized, operation};
use crate::{
    app::App,
    domain::operation::OperationKind,
    ids::{OperationId, OrderId},
    workflows::{
        cancel_order::{CancelOrder, CancelOrderSaga, Step},
        retry::Retry,
    },
};

struct Cancellation {
    key: Key,
    order: OrderId,
    reason: String,
    traceparent: String,
    now: Timestamp,
}

/// Answers the cancelled order, or the order as it stands near the deadline; the work goes on.
pub async fn cancel_order(
    app: &App,
    request: Request<pb::CancelOrderRequest>,
) -> Result<Response<pb::Order>, Status> {
    let call = Call::of(&request)?.clone();
    let request = request.into_inner();
    let order = authorized(app, &call, "name", &request.name).await?.placed.order;
    let key = Key::new(call.principal_key(), &call.policy.path, &request.request_id, &request);
    let traceparent = call.traceparent.clone();
    let cancellation = Cancellation { key, order, reason: request.reason, traceparent, now: app.clock.now() };
    let id = app.db.write(cancellation, |tx, job| Box::pin(start(tx, job))).await?;
    operation::outcome(app, &call, &app.cancellations, &id).await
}

async fn start(tx: &mut Tx, job: &Cancellation) -> Result<OperationId> {
    if let Some(started) = operation::replay(tx, &job.key).await? {
        return Ok(started);
    }
    let kind = OperationKind::Cancel;
    operation::join_or_start::<CancelOrderSaga>(
        tx,
        &job.key,
        &job.order,
        kind,
        job.now,
        |running| running.reason == job.reason,
        |order, operation| {
            order.require_unshipped("cancel")?;
            Ok(CancelOrder {
                operation,
                order: job.order.clone(),
                checkout: order.placed.checkout.clone(),
                reason: job.reason.clone(),
                traceparent: job.traceparent.clone(),
                step: Step::Release,
                retry: Retry::default(),
            })
        },
    )
    .await
}
