//! CancelOrder: only what was not shipped.

use shopmesh_kit::{error::Result, events::Cause, idempotency::Key};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;

use super::{authorized, wait};
use crate::{
    app::App,
    usecases::{
        cancel_order::{self, Cancellation},
        operations::Asked,
    },
};

/// The cancelled order, or the order as it stands near the deadline; the work goes on.
pub async fn answer(app: &App, call: &Call, request: pb::CancelOrderRequest) -> Result<pb::Order> {
    let order = authorized::order(app, call, "name", &request.name).await?.placed.order;
    let key = Key::of(call, &request.request_id, &request);
    let asked = Asked { key, order, cause: Cause::of(call, &*app.clock) };
    let cancellation = Cancellation { asked, reason: request.reason };
    let id = app.db.write(cancellation, |tx, job| Box::pin(cancel_order::start(tx, job))).await?;
    wait::for_operation(app, call, &app.cancellations, &id).await
}
