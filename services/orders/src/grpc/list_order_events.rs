//! ListOrderEvents: the history of an order, with the hash chain that proves it.

use shopmesh_kit::events;
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::{get_order::authorized, translate};
use crate::app::App;

/// Answers all events, oldest first; an order has few.
pub async fn list_order_events(
    app: &App,
    request: Request<pb::ListOrderEventsRequest>,
) -> Result<Response<pb::ListOrderEventsResponse>, Status> {
    let order = authorized(app, Call::of(&request)?, "order", &request.get_ref().order).await?;
    let history = events::history_of(&app.db, &order.name()).await?;
    let events = history.iter().map(|(envelope, hash)| translate::event_entry(envelope, hash)).collect();
    Ok(Response::new(pb::ListOrderEventsResponse { events }))
}
