//! MarkDelivered: the parcel arrived, the order is CLOSED. A repeat changes nothing.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;

use crate::{app::App, ids::OrderId, translate, usecases::mark_delivered};

/// The closed order.
pub async fn answer(app: &App, call: &Call, request: pb::MarkDeliveredRequest) -> Result<pb::Order> {
    let data = (OrderId::parse_field("order", &request.order)?, Cause::of(call, &*app.clock));
    let order = app.db.write(data, |tx, (order, cause)| Box::pin(mark_delivered::deliver(tx, order, cause)));
    translate::rpc::order(&order.await?)
}
