//! MarkDelivered: the parcel arrived, the order is CLOSED. A repeat changes nothing.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::translate;
use crate::{
    app::App,
    domain::order::{FulfillmentState, Order, OrderEvent},
    events::published,
    ids::OrderId,
};

struct Delivery {
    order: OrderId,
    cause: Cause,
}

/// Answers the closed order.
pub async fn mark_delivered(
    app: &App,
    request: Request<pb::MarkDeliveredRequest>,
) -> Result<Response<pb::Order>, Status> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let order = OrderId::parse_field("order", &request.get_ref().order)?;
    let order = app.db.write(Delivery { order, cause }, |tx, job| Box::pin(deliver(tx, job))).await?;
    Ok(Response::new(translate::order(&order)?))
}

async fn deliver(tx: &mut Tx, job: &Delivery) -> Result<Order> {
    let order = published::load(&mut *tx, &job.order).await?;
    if order.fulfillment_state == FulfillmentState::Delivered {
        return Ok(order);
    }
    order.require_shipped()?;
    published::append(tx, &job.cause, Some(order), OrderEvent::Delivered).await
}
